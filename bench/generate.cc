#include "generate.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

#include "core/time.h"

namespace assay::bench {
namespace {

constexpr std::array<std::string_view, 12> kPrograms = {
    "svchost.exe",  "explorer.exe",  "powershell.exe", "cmd.exe",     "chrome.exe",  "lsass.exe",
    "services.exe", "taskhostw.exe", "winword.exe",    "msmpeng.exe", "conhost.exe", "rundll32.exe"};
constexpr std::array<std::string_view, 16> kWords = {"report", "index", "login", "static", "images", "vaccine",
                                                     "trial",  "data",  "api",   "v1",     "search", "upload",
                                                     "lab",    "news",  "about", "portal"};
constexpr std::array<std::string_view, 6> kAgents = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/81.0.4044.138 "
    "Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_4) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1 "
    "Safari/605.1.15",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:76.0) Gecko/20100101 Firefox/76.0",
    "curl/7.64.0",
    "python-requests/2.23.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"};
constexpr std::array<std::string_view, 5> kTopLevels = {"com", "net", "org", "info", "example"};

// 2020-04-01T00:00:00Z; events a few seconds apart.
constexpr std::int64_t kStart = 1585699200;

std::string address(std::uint64_t value) {
  // 198.18.0.0/15 is for benchmarks; half of the draws come from a small popular set, as in real logs.
  return fmt::format("198.{}.{}.{}", 18 + ((value >> 16) & 1), (value >> 8) & 255, value & 255);
}

std::string domain(Random& random) {
  return fmt::format("{}{}{}.{}", kWords[random.below(kWords.size())], random.below(100'000),
                     kWords[random.below(kWords.size())], kTopLevels[random.below(kTopLevels.size())]);
}

std::string hex(Random& random, std::size_t digits) {
  std::string out;
  while (out.size() < digits) out += fmt::format("{:016x}", random.next());
  out.resize(digits);
  return out;
}

}  // namespace

std::string windows_events(std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  std::string out;
  out.reserve(bytes + 4096);
  std::int64_t at = kStart;
  while (out.size() < bytes) {
    at += static_cast<std::int64_t>(random.below(3));
    const std::string when = format_utc(Time{at * kSecond + static_cast<std::int64_t>(random.below(1000)) * 1'000'000});
    const std::string_view image = kPrograms[random.below(kPrograms.size())],
                           parent = kPrograms[random.below(kPrograms.size())];
    const std::uint64_t pid = random.below(9000) + 100;
    const std::string host = fmt::format("ws-{:03}.larkmoor.example", random.below(46));
    auto to = std::back_inserter(out);
    const std::uint64_t kind = random.below(4);
    if (kind == 0) {
      const std::string line = fmt::format(R"(C:\\Windows\\System32\\{} -k netsvcs -p -s {}{} /id:{})", image,
                                           kWords[random.below(kWords.size())], random.below(100), hex(random, 24));
      fmt::format_to(
          to,
          R"({{"SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":"{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}","Level":"4",)"
          R"("Keywords":"0x8000000000000000","Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"{0}","TimeCreated":"{1}",)"
          R"("@timestamp":"{1}","EventID":1,"Message":"Process Create:\r\nUtcTime: {1}\r\nProcessId: {2}\r\nImage: C:\\Windows\\System32\\{3})"
          R"(\r\nCommandLine: {4}\r\nParentImage: C:\\Windows\\{5}","Task":"1","RuleName":"-","UtcTime":"{1}","ProcessId":"{2}",)"
          R"("Image":"C:\\Windows\\System32\\{3}","Description":"Host Process for Windows Services","Company":"Microsoft Corporation",)"
          R"("CommandLine":"{4}","CurrentDirectory":"C:\\Windows\\system32\\","User":"NT AUTHORITY\\SYSTEM","IntegrityLevel":"System",)"
          R"("Hashes":"SHA1={6},MD5={7},SHA256={8}","ParentProcessId":"{9}","ParentImage":"C:\\Windows\\{5}",)"
          R"("ParentCommandLine":"C:\\Windows\\{5}"}})",
          host, when, pid, image, line, parent, hex(random, 40), hex(random, 32), hex(random, 64), pid + 7);
    } else if (kind == 1) {
      fmt::format_to(
          to,
          R"({{"SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":"{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}","Level":"4",)"
          R"("Keywords":"0x8000000000000000","Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"{0}","TimeCreated":"{1}",)"
          R"("@timestamp":"{1}","EventID":10,"Message":"Process accessed:\r\nUtcTime: {1}\r\nSourceImage: C:\\Windows\\System32\\{2}\r\n)"
          R"(TargetImage: C:\\Windows\\System32\\{3}\r\nGrantedAccess: 0x1400","Task":"10","RuleName":"-","UtcTime":"{1}",)"
          R"("SourceProcessId":"{4}","SourceThreadId":"{5}","SourceImage":"C:\\Windows\\System32\\{2}","TargetProcessId":"{6}",)"
          R"("TargetImage":"C:\\Windows\\System32\\{3}","GrantedAccess":"0x1400","CallTrace":"C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|)"
          R"(C:\\Windows\\System32\\KERNELBASE.dll+2c13e|C:\\Windows\\System32\\{2}+{7:x}","SourceUser":"NT AUTHORITY\\SYSTEM",)"
          R"("TargetUser":"NT AUTHORITY\\LOCAL SERVICE"}})",
          host, when, image, parent, pid, pid + 3, pid + 11, random.below(1 << 20));
    } else if (kind == 2) {
      fmt::format_to(
          to,
          R"({{"SourceName":"Microsoft-Windows-Sysmon","Level":"4","Keywords":"0x8000000000000000",)"
          R"("Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"{0}","TimeCreated":"{1}","@timestamp":"{1}","EventID":3,)"
          R"("Message":"Network connection detected:\r\nUtcTime: {1}\r\nImage: C:\\Windows\\System32\\{2}\r\nDestinationIp: {3}","Task":"3",)"
          R"("RuleName":"-","UtcTime":"{1}","ProcessId":"{4}","Image":"C:\\Windows\\System32\\{2}","User":"LARKMOOR\\user{5:03}",)"
          R"("Protocol":"tcp","Initiated":"true","SourceIp":"10.20.{6}.{7}","SourcePort":"{8}","DestinationIp":"{3}",)"
          R"("DestinationHostname":"{9}","DestinationPort":"443"}})",
          host, when, image, address(random.below(1 << 17)), pid, random.below(620), random.below(40),
          random.below(250), 49152 + random.below(16000), domain(random));
    } else {
      fmt::format_to(
          to,
          R"({{"SourceName":"Microsoft-Windows-Security-Auditing","ProviderGuid":"{{54849625-5478-4994-a5ba-3e3b0328c30d}}","Level":"0",)"
          R"("Keywords":"0x8020000000000000","Channel":"Security","Hostname":"{0}","TimeCreated":"{1}","@timestamp":"{1}","EventID":4624,)"
          R"("Message":"An account was successfully logged on.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\tAccount Name:\t\tuser{2:03})"
          R"(\r\n\r\nNetwork Information:\r\n\tSource Network Address:\t{3}","Task":"12544","SubjectUserSid":"S-1-5-18",)"
          R"("TargetUserName":"user{2:03}","TargetDomainName":"LARKMOOR","LogonType":"3","LogonProcessName":"Kerberos",)"
          R"("AuthenticationPackageName":"Kerberos","WorkstationName":"-","IpAddress":"{3}","IpPort":"{4}"}})",
          host, when, random.below(620), address(random.below(1 << 17)), 49152 + random.below(16000));
    }
    out += '\n';
  }
  return out;
}

std::string access_lines(std::size_t bytes, std::uint64_t seed) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  Random random(seed);
  std::string out;
  out.reserve(bytes + 1024);
  std::int64_t at = kStart;
  while (out.size() < bytes) {
    at += static_cast<std::int64_t>(random.below(4));
    const Civil c = to_civil(Time{at * kSecond});
    fmt::format_to(
        std::back_inserter(out),
        "{} - - [{:02}/{}/{}:{:02}:{:02}:{:02} +0000] \"{} /{}/{}/{}?id={} HTTP/1.1\" {} {} \"https://{}/\" \"{}\"\n",
        address(random.below(random.below(2) == 0 ? 512 : 1 << 17)), c.day,
        kMonths[static_cast<std::size_t>(c.month - 1)], c.year, c.hour, c.minute, c.second,
        random.below(8) == 0 ? "POST" : "GET", kWords[random.below(kWords.size())], kWords[random.below(kWords.size())],
        hex(random, 8), random.below(100'000), random.below(12) == 0 ? 404 : 200, random.below(60'000), domain(random),
        kAgents[random.below(kAgents.size())]);
  }
  return out;
}

std::string syslog_lines(std::size_t bytes, std::uint64_t seed) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::array<std::string_view, 4> kHosts = {"app-01", "app-02", "gw-01", "mail-01"};
  Random random(seed);
  std::string out;
  out.reserve(bytes + 1024);
  std::int64_t at = kStart;
  while (out.size() < bytes) {
    at += static_cast<std::int64_t>(random.below(4));
    const Civil c = to_civil(Time{at * kSecond});
    fmt::format_to(std::back_inserter(out), "{} {:2} {:02}:{:02}:{:02} {} ",
                   kMonths[static_cast<std::size_t>(c.month - 1)], c.day, c.hour, c.minute, c.second,
                   kHosts[random.below(kHosts.size())]);
    const std::uint64_t id = 300 + random.below(30'000);
    const std::string source = address(random.below(1 << 16));
    switch (random.below(5)) {
      case 0:
        fmt::format_to(std::back_inserter(out), "sshd[{}]: Failed password for {} from {} port {} ssh2\n", id,
                       kWords[random.below(kWords.size())], source, 1024 + random.below(60'000));
        break;
      case 1:
        fmt::format_to(std::back_inserter(out), "CRON[{}]: (root) CMD (/usr/local/bin/{} --id {} >/dev/null 2>&1)\n",
                       id, kWords[random.below(kWords.size())], hex(random, 8));
        break;
      case 2:
        fmt::format_to(
            std::back_inserter(out),
            "kernel: [{}.{:06}] IN=eth0 OUT= SRC={} DST=192.0.2.1 LEN=60 TTL=52 PROTO=TCP SPT={} DPT=22 SYN\n", at,
            random.below(1'000'000), source, random.below(65'536));
        break;
      case 3:
        fmt::format_to(std::back_inserter(out), "postfix/smtpd[{}]: {}: client={}[{}]\n", id, hex(random, 10),
                       domain(random), source);
        break;
      default:
        fmt::format_to(std::back_inserter(out), "systemd[1]: Started Session {} of user {}.\n", random.below(100'000),
                       kWords[random.below(kWords.size())]);
    }
  }
  return out;
}

std::string zeek_conn(std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  std::string out =
      "#separator "
      "\\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#open\t2020-04-01-00-00-00\n"
      "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_"
      "bytes\tconn_state\tlocal_orig\t"
      "local_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n"
      "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\ts"
      "tring\tcount\tcount\tcount\t"
      "count\tset[string]\n";
  out.reserve(bytes + 1024);
  std::int64_t at = kStart;
  while (out.size() < bytes) {
    at += static_cast<std::int64_t>(random.below(3));
    const std::uint64_t sent = random.below(20'000), got = random.below(200'000);
    fmt::format_to(std::back_inserter(out),
                   "{}.{:06}\tC{}\t10.20.{}.{}\t{}\t{}\t443\ttcp\tssl\t{}.{:06}\t{}\t{}\tSF\tT\tF\t0\tShADadFf\t{}\t{}"
                   "\t{}\t{}\t-\n",
                   at, random.below(1'000'000), hex(random, 17), random.below(40), random.below(250),
                   49152 + random.below(16'000), address(random.below(random.below(2) == 0 ? 512 : 1 << 17)),
                   random.below(90), random.below(1'000'000), sent, got, sent / 900 + 4, sent + 300, got / 1400 + 4,
                   got + 300);
  }
  return out;
}

IndicatorList indicators(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  IndicatorList out;
  for (std::size_t i = 0; i < count; ++i) {
    Indicator indicator;
    const std::uint64_t kind = i % 10;
    if (kind < 5) {
      indicator.kind = Indicator::Kind::ipv4;
      // The first one stands in the logs, about once in 1,000 lines; of the others one in 10,000 may.
      indicator.value = i == 0 ? address(7)
                        : random.below(10'000) == 0
                            ? address(random.below(1 << 17))
                            : fmt::format("{}.{}.{}.{}", 20 + random.below(70), random.below(256), random.below(256),
                                          random.below(256));
    } else if (kind < 8) {
      indicator.kind = Indicator::Kind::domain;
      indicator.value = "c2-" + domain(random);
    } else if (kind < 9) {
      indicator.kind = Indicator::Kind::url;
      indicator.value = fmt::format("{}/{}/{}", domain(random), kWords[random.below(kWords.size())], hex(random, 10));
    } else {
      indicator.kind = Indicator::Kind::sha256;
      indicator.value = hex(random, 64);
    }
    indicator.id = fmt::format("indicator--{:08x}-0000-4000-8000-{:012x}", seed & 0xffffffffU, i);
    indicator.advisory = "report--bench";
    indicator.title = "bench";
    indicator.meaning.klass = "typical";
    out.push_back(indicator);
  }
  return out;
}

std::string stix_bundle(const IndicatorList& indicators) {
  std::string out = R"({"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[)";
  out +=
      R"({"type":"report","spec_version":"2.1","id":"report--00000000-0000-4000-8000-000000000002","created":"2020-07-16T00:00:00Z",)"
      R"("modified":"2020-07-16T00:00:00Z","name":"Bench indicators","published":"2020-07-16T00:00:00Z","object_refs":[)";
  for (std::size_t i = 0; i < indicators.size(); ++i)
    out += fmt::format("{}\"{}\"", i == 0 ? "" : ",", indicators[i].id);
  out += "]}";
  for (const Indicator& indicator : indicators) {
    std::string pattern;
    switch (indicator.kind) {
      case Indicator::Kind::ipv4:
        pattern = fmt::format("[ipv4-addr:value = '{}']", indicator.value);
        break;
      case Indicator::Kind::domain:
        pattern = fmt::format("[domain-name:value = '{}']", indicator.value);
        break;
      case Indicator::Kind::url:
        pattern = fmt::format("[url:value = '{}']", indicator.value);
        break;
      default:
        pattern = fmt::format("[file:hashes.'SHA-256' = '{}']", indicator.value);
        break;
    }
    out += fmt::format(
        R"(,{{"type":"indicator","spec_version":"2.1","id":"{}","created":"2020-07-16T00:00:00Z","modified":"2020-07-16T00:00:00Z",)"
        R"("name":"bench","pattern":"{}","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z"}})",
        indicator.id, pattern);
  }
  out += "]}\n";
  return out;
}

}  // namespace assay::bench
