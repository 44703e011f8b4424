// The report's style sheet: system fonts, one column of at most 1180 px, dense tables, calm colours with a contrast of
// at least 4.5 to 1, and a print form. Nothing is fetched.
#pragma once

#include "report/escape.h"

namespace assay::report {

inline constexpr Literal kStyle = R"css(
:root{--ink:#1c2530;--dim:#55616f;--line:#d9dee5;--paper:#fff;--wash:#f5f7f9;--tone:#46556a;--tonewash:#eef2f6;--mark:#2c5d8f}
.compromised{--tone:#8a1f1f;--tonewash:#fbf1ef}
.cannot_say{--tone:#6b5200;--tonewash:#fbf6e6}
.no_sign{--tone:#2f4a63;--tonewash:#eef3f8}
*{box-sizing:border-box}
html{background:#e9edf1;color:var(--ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
body{max-width:1180px;margin:0 auto;background:var(--paper);padding:0 34px 40px}
a{color:var(--mark);text-decoration:none}a:hover{text-decoration:underline}
.skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:#fff;padding:6px}
header.top{display:flex;gap:20px;align-items:baseline;padding:18px 0 10px;border-bottom:1px solid var(--line)}
header.top .brand{font-weight:700;letter-spacing:.14em;font-size:12px;color:var(--dim)}
header.top .org{font-weight:600;flex:1;font-size:16px}
.tlp{font:600 12px/1 ui-monospace,Menlo,Consolas,monospace;border:1.5px solid #7a5b00;color:#5f4700;background:#fff7dc;padding:5px 8px;border-radius:3px;white-space:nowrap}
.asked{color:var(--dim);margin:10px 0 16px;max-width:100ch}
.asked b{color:var(--ink);font-weight:600}
.verdict{border-left:6px solid var(--tone);background:var(--tonewash);padding:18px 22px 16px;border-radius:0 4px 4px 0}
.verdict h1{font-size:25px;line-height:1.2;margin:0;color:var(--tone);letter-spacing:-.01em}
.verdict .now{font-size:16px;font-weight:600;margin:5px 0 0}
.verdict p{margin:9px 0 0;max-width:92ch}
.verdict .data{font-weight:600}
.warn{margin:0 0 12px;padding:9px 14px;border:1.5px solid #6b5200;background:#fbf6e6;font-weight:600}
.two{display:grid;grid-template-columns:1.35fr 1fr;gap:26px;margin:18px 0 6px}
.two h2{margin:0 0 6px}.two p{margin:0}
.two ol,.two ul{margin:0;padding-left:20px}.two li{margin:3px 0}
h2{font-size:17px;margin:34px 0 9px;padding-top:2px;letter-spacing:-.005em}
h3{font-size:14px;margin:20px 0 6px}
.cap{font-size:11px;font-weight:700;letter-spacing:.09em;text-transform:uppercase;color:var(--dim)}
nav{font-size:12.5px;margin:20px 0 0;padding:9px 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}
nav ul{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:4px 16px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
caption{text-align:left;caption-side:top;color:var(--dim);padding:0 0 6px;font-size:12.5px}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-bottom:1px solid var(--line)}
thead th{font-size:11px;letter-spacing:.06em;text-transform:uppercase;color:var(--dim);border-bottom:1.5px solid #aab4c0;font-weight:700;padding-bottom:4px}
tbody th{font-weight:600}
td.num,th.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;padding-right:20px}
td.host{min-width:112px}
.sum{table-layout:fixed}.sum td,.sum th{padding-top:3px;padding-bottom:3px}.sum th:nth-child(1){width:110px}.sum th:nth-child(2){width:110px}.sum th:nth-child(3){width:140px}.sum tr:last-child td{border-bottom:1.5px solid #aab4c0}
.nowrap{white-space:nowrap}
.dim{color:var(--dim)}
.small{font-size:12px}
.term{font-weight:600;white-space:nowrap}
.cs{font-weight:700;letter-spacing:.03em;color:#6b5200}
.f{font:600 12px/1.6 ui-monospace,Menlo,Consolas,monospace;white-space:nowrap}
code,.mono{font:12px/1.45 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
code{display:block;background:var(--wash);border:1px solid var(--line);border-radius:3px;padding:4px 8px;margin-top:3px;overflow-wrap:anywhere;user-select:all}
.wrap{overflow-wrap:anywhere}
tr.ev td{border-bottom:1px solid #aab4c0;padding-top:0;padding-bottom:9px}
tr.has-ev>*{border-bottom:0;padding-bottom:3px}
tr:target>*{background:#fff4cf}
svg.time{width:100%;height:auto;display:block;margin:6px 0;font:11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
svg.time .l{text-anchor:end;fill:#1c2530}svg.time .h{font-weight:700;font-size:10px;letter-spacing:.6px;fill:#55616f;text-transform:uppercase}
svg.time .a{fill:#55616f;font-size:10px}svg.time .n{fill:#1c2530;font-size:9.5px}svg.time .i{fill:#fff}
svg.time .t{stroke:#d9dee5}svg.time .g{stroke:#eef1f4}
svg.time .f{fill:#8a1f1f;fill-opacity:.85;stroke:#8a1f1f;stroke-width:.6}svg.time .o{fill:#fff;stroke:#55616f;stroke-width:1}
svg.time .c0{fill:url(#none);stroke:#c9b8a0;stroke-width:.4}svg.time .c1{fill:#cfdceb}svg.time .c2{fill:#94b1d0}svg.time .c3{fill:#41709f}
svg.range{width:104px;height:12px;vertical-align:-1px}svg.range .track{fill:#d9dee5}svg.range .tick{stroke:#aab4c0;stroke-width:.7}svg.range .band{fill:var(--ink)}
.bar{display:inline-block;height:9px;background:#41709f;vertical-align:0;min-width:1px}.bar.neg{background:#fff;border:1.5px solid #55616f}
.legend{font-size:12px;color:var(--dim);margin:0 0 4px}
.note{color:var(--dim);font-size:12.5px;margin:6px 0}
.phase{display:grid;grid-template-columns:150px 1fr;border-top:1px solid var(--line);padding:9px 0;gap:10px}
.phase h3{margin:0}.phase ol{margin:0;padding-left:18px}.phase li{margin:0 0 6px}
dl.kv{display:grid;grid-template-columns:150px 1fr;gap:4px 14px;margin:8px 0;font-size:13px}dl.kv dt{color:var(--dim)}dl.kv dd{margin:0;overflow-wrap:anywhere}
blockquote ul{margin:2px 0;padding-left:18px}blockquote{margin:8px 0;padding:2px 0 2px 14px;border-left:3px solid #aab4c0}
footer{margin-top:40px;border-top:1px solid var(--line);padding-top:10px;color:var(--dim);font-size:12px}
@media (max-width:800px){.scroll table{min-width:760px}body{padding:0 14px 30px}.two,.phase,dl.kv{grid-template-columns:1fr}}
@media print{@page{size:A4;margin:14mm 12mm}html{background:#fff;font-size:10.5px}body{max-width:none;padding:0}nav,.skip{display:none}h2{margin-top:18px;break-after:avoid}tr,.phase,.verdict,svg.time{break-inside:avoid}thead{display:table-header-group}.scroll{overflow:visible}a{color:inherit}.verdict,.tlp,.warn,code,svg,.bar{print-color-adjust:exact;-webkit-print-color-adjust:exact}table{font-size:9.5px}code{font-size:8.5px}}
)css";

}  // namespace assay::report
