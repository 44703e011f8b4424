// How a line writes a value and what its words ask: the parts of signs.cc that need a piece of text alone.
#pragma once

#include <string_view>

namespace assay {

// "From: ...": a line of the letterhead of a mail.
[[nodiscard]] bool letter_header(std::string_view line);
// "To: x" and "From: x" of a mail that the report shows.
[[nodiscard]] bool names_recipient(std::string_view line);
[[nodiscard]] bool names_sender(std::string_view line);
// A rule of a network sensor ("alert tcp ... sid:1;"); a query of logs ("| where x in (...)").
[[nodiscard]] bool sensor_rule(std::string_view line);
[[nodiscard]] bool log_query(std::string_view line);
// content:!"x", != "x", NOT host IN ("x"): `lead`, which stands before a value, leaves it out of a query.
[[nodiscard]] bool filtered_out(std::string_view lead);
// "7.4 | 7.4.0.0 to 7.4.1.7 | pcm-7.4.1.pkg": a shorter version that begins as the value does.
[[nodiscard]] bool shorter_version_in(std::string_view row, std::string_view value);
// "This is a legitimate file of Y.": a sentence, in lower case, that goes on about what the last one named.
[[nodiscard]] bool goes_on(std::string_view sentence);
// "false" or "yes" below a head, in lower case, that asks whether something is malicious: 1 it is, -1 it is not, 0 no
// such answer.
[[nodiscard]] int answer(std::string_view cell, std::string_view head);
// A cell of words that begins with its judgement: "legitimate, used for side-loading".
[[nodiscard]] bool judges(std::string_view cell);

// "... as a sinkhole (", "sinkholed to ": what stands right behind is one. `lead` is in lower case.
[[nodiscard]] bool called_sinkhole(std::string_view lead);
// "... reference:url,", at most "https://" behind it.
[[nodiscard]] bool refers_a_rule(std::string_view lead);
// "Release | First fixed release | Image | MD5": the head of a table of what a maker gives out. In lower case.
[[nodiscard]] bool heads_mended_versions(std::string_view columns);
// "... from our own login nodes, " and other values behind it, "Fjord's own host is ": the writer's or a maker's.
// `lead` is in lower case, values in it are 0x01.
[[nodiscard]] bool called_ones_own(std::string_view lead);
// "^ ...", "[12] ...".
[[nodiscard]] bool begins_footnote(std::string_view line);

}  // namespace assay
