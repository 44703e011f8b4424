#include "analytics/testing.h"

namespace assay {
namespace {

using namespace testing_analytics;

TEST(Served, AFileAfterTheExploitIsFoundAndEarlierOnesAreNot) {
  Trial run("served");
  run.sighting("exploited", "typical", "exploit", "2020-04-16T02:12:07Z", {{"@src_ip", "198.18.77.41"}});
  const auto get = [&](std::string_view when, const char* client, const char* path, const char* bytes,
                       const char* status = "200") {
    run.row("web_access", when, {{"@src_ip", client}, {"@path", path}, {"@status", status}, {"@served_bytes", bytes}})
        .host_ = "ctx-gw-01";
  };
  get("2020-04-16T02:12:11Z", "198.18.77.41", "/vpns/portal/kqvzmtrw.xml", "1204");
  get("2020-04-16T02:14:41Z", "198.18.77.41", "/vpns/portal/hdlqmvea.xml", "48312");
  get("2020-04-15T22:14:41Z", "198.18.77.41", "/vpns/portal/earlier.xml", "50000");
  get("2020-04-16T03:00:00Z", "198.19.1.1", "/vpns/portal/other.xml", "90000");
  get("2020-04-16T04:00:00Z", "198.18.77.41", "/vpns/portal/refused.xml", "90000", "404");
  get("2020-04-16T05:00:00Z", "198.18.77.41", "/logon/core.min.js", "182330");
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(field(found[0].sighting, "bytes"), "48312");
  EXPECT_EQ(found[0].sighting.host, "ctx-gw-01");
}

}  // namespace
}  // namespace assay
