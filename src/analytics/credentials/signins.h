// The table "signins" as people, networks and sessions. What is new, shared, overlapping and sprayed is decided in
// credentials.cc.
//
//   signins: item, account, src, class, device, kind, hour -> count, first, last, session_bytes, connection_bytes,
//            first_ref
//     kind    ok | failed | use (something inside a session) | end
//     device  the program's name without its versions; "" where the log has none
//     first, last: times (ns); session_bytes: served to the client by the whole session, as its end says;
//     connection_bytes: by single connections of it
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/analytic.h"

namespace assay {

[[nodiscard]] TableSpec signins_spec();
enum SigninColumn : std::size_t {
  kSigninCount,
  kSigninFirst,
  kSigninLast,
  kSessionBytes,
  kConnectionBytes,
  kSigninRef
};

// "CORP\M.Okafor", "m.okafor@institute.example" -> "m.okafor": one person over all logs. A domain that is not ours
// stays.
[[nodiscard]] std::string person_of(const Profile& profile, std::string_view account);
// The network of an address: IPv4 /24, IPv6 /48; "" for anything else.
[[nodiscard]] std::string network_of(std::string_view address);
// Without version numbers, in lower case, cut: "mozilla/ (windows nt ; win; x) ...".
[[nodiscard]] std::string device_of(std::string_view user_agent);

struct Session {
  Time from, until;
  std::string src, network, device, item;
  std::int64_t ref = -1;
  bool remote = true;  // from outside our networks
  std::string end_item = {};
  std::int64_t end_ref = -1;  // the record of its end; -1: none was seen
};

struct Failure {
  Time at;
  std::string src, item;
  std::int64_t count = 0, ref = -1;
};

struct Person {
  std::string name;
  std::vector<Session> sessions;                         // in order of their begin
  std::map<std::string, std::vector<Failure>> failures;  // by network
};

struct People {
  std::map<std::string, Person> by_name;
  // Begin of each kind of log, and days on which anybody signed in from outside.
  std::map<std::string, std::int64_t> begins;
  std::set<std::int64_t> days;
};

// Sessions: a sign-in opens one for its account and address, an end closes it; without one it lasts until its last
// record. Two records more than 12 hours apart are two sessions. Machine accounts and our own tests are left out.
[[nodiscard]] People people_of(const FinishInput& input, const Table& signins);

}  // namespace assay
