// Windows events that repeat little: what a fleet of busy machines writes, rather than one recording of one machine.
// Every command line is its own, with the lengths that real ones have; the shares of event kinds are those of a
// Sysmon configuration that also keeps image loads and process access. Nothing here is a working command.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "core/json.h"
#include "core/time.h"
#include "generate.h"

namespace assay::bench {
namespace {

constexpr std::int64_t kStart = 1585699200;  // 2020-04-01T00:00:00Z

constexpr std::array<std::string_view, 40> kPrograms = {
    R"(C:\Windows\System32\svchost.exe)",
    R"(C:\Windows\explorer.exe)",
    R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)",
    R"(C:\Windows\System32\cmd.exe)",
    R"(C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe)",
    R"(C:\Program Files\Google\Chrome\Application\chrome.exe)",
    R"(C:\Windows\System32\lsass.exe)",
    R"(C:\Windows\System32\services.exe)",
    R"(C:\Windows\System32\taskhostw.exe)",
    R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)",
    R"(C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE)",
    R"(C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE)",
    R"(C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.2004.6-0\MsMpEng.exe)",
    R"(C:\Windows\System32\conhost.exe)",
    R"(C:\Windows\System32\rundll32.exe)",
    R"(C:\Windows\System32\wbem\WmiPrvSE.exe)",
    R"(C:\Windows\System32\SearchIndexer.exe)",
    R"(C:\Windows\System32\backgroundTaskHost.exe)",
    R"(C:\Windows\System32\RuntimeBroker.exe)",
    R"(C:\Windows\System32\dllhost.exe)",
    R"(C:\Windows\System32\msiexec.exe)",
    R"(C:\Windows\System32\schtasks.exe)",
    R"(C:\Windows\System32\reg.exe)",
    R"(C:\Windows\System32\net.exe)",
    R"(C:\Windows\System32\whoami.exe)",
    R"(C:\Windows\System32\wscript.exe)",
    R"(C:\Windows\System32\certutil.exe)",
    R"(C:\Windows\System32\gpupdate.exe)",
    R"(C:\Windows\System32\ipconfig.exe)",
    R"(C:\Windows\System32\tasklist.exe)",
    R"(C:\Windows\System32\spoolsv.exe)",
    R"(C:\Windows\System32\winlogon.exe)",
    R"(C:\Windows\servicing\TrustedInstaller.exe)",
    R"(C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe)",
    R"(C:\Program Files\Python38\python.exe)",
    R"(C:\Program Files\Git\cmd\git.exe)",
    R"(C:\Program Files\Java\jre1.8.0_251\bin\java.exe)",
    R"(C:\Program Files\VMware\VMware Tools\vmtoolsd.exe)",
    R"(C:\Program Files\7-Zip\7z.exe)",
    R"(C:\Program Files\Notepad++\notepad++.exe)"};
constexpr std::array<std::string_view, 48> kWords = {
    "report",    "index",   "login",     "static",   "images",   "vaccine", "trial",    "data",     "api",    "v1",
    "search",    "upload",  "lab",       "news",     "about",    "portal",  "config",   "install",  "update", "cache",
    "profile",   "session", "Microsoft", "Windows",  "service",  "network", "policy",   "user",     "shared", "backup",
    "archive",   "printer", "driver",    "template", "document", "budget",  "protocol", "schedule", "export", "import",
    "telemetry", "agent",   "monitor",   "client",   "server",   "local",   "remote",   "temp"};
constexpr std::array<std::string_view, 20> kOptions = {"-NoProfile",
                                                       "--type=renderer",
                                                       "/quiet",
                                                       "-k netsvcs -p",
                                                       "/c",
                                                       "-Embedding",
                                                       "--no-sandbox",
                                                       "/S",
                                                       "-File",
                                                       "/i",
                                                       "--lang=en-GB",
                                                       "-ServerName:App.AppX",
                                                       "/prefetch:7",
                                                       "-ExecutionPolicy RemoteSigned",
                                                       "--disable-gpu",
                                                       "/force",
                                                       "-Command",
                                                       "/query",
                                                       "-o",
                                                       "--field-trial-handle"};
constexpr std::array<std::string_view, 8> kExtensions = {".log", ".tmp",  ".dll", ".docx",
                                                         ".xml", ".json", ".ps1", ".dat"};
constexpr std::array<std::string_view, 8> kRegistry = {
    R"(HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\)",
    R"(HKLM\System\CurrentControlSet\Services\Tcpip\Parameters\)",
    R"(HKU\S-1-5-21-1004336348-1177238915-682003330-1104\Software\Microsoft\Office\16.0\Common\)",
    R"(HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree\Microsoft\Windows\)",
    R"(HKLM\SOFTWARE\Policies\Microsoft\Windows\)",
    R"(HKCR\CLSID\)",
    R"(HKLM\System\CurrentControlSet\Control\Session Manager\)",
    R"(HKU\S-1-5-21-1004336348-1177238915-682003330-1104\Software\Classes\)"};

std::string hex(Random& random, std::size_t digits) {
  std::string out;
  while (out.size() < digits) out += fmt::format("{:016X}", random.next());
  out.resize(digits);
  return out;
}
std::string_view pick(Random& random, const auto& list) { return list[random.below(list.size())]; }
std::string guid(Random& random) {
  return fmt::format("{{{}-{}-{}-{}-{}}}", hex(random, 8), hex(random, 4), hex(random, 4), hex(random, 4),
                     hex(random, 12));
}
std::string path(Random& random) {
  std::string out = random.below(2) == 0 ? fmt::format(R"(C:\Users\user{:03}\AppData\Local\)", random.below(620))
                                         : fmt::format(R"(C:\ProgramData\{}\)", pick(random, kWords));
  for (std::uint64_t i = 1 + random.below(3); i > 0; --i)
    out += fmt::format("{}{}\\", pick(random, kWords), random.below(100));
  return out + fmt::format("{}_{}{}", pick(random, kWords), hex(random, 6), pick(random, kExtensions));
}
std::string image(Random& random) {
  return random.below(20) == 0 ? fmt::format(R"(C:\Users\user{:03}\AppData\Local\Temp\{}{}.exe)", random.below(620),
                                             pick(random, kWords), random.below(1000))
                               : std::string(pick(random, kPrograms));
}

// From 20 to some 900 characters, most of them 60 to 250.
std::string command_line(Random& random, std::string_view program) {
  std::string out = random.below(2) == 0 ? fmt::format("\"{}\"", program) : std::string(program);
  const std::uint64_t draw = random.below(100);
  const std::size_t size = draw < 10   ? 40
                           : draw < 80 ? 60 + random.below(190)
                           : draw < 97 ? 250 + random.below(250)
                                       : 900;
  do {
    switch (random.below(6)) {
      case 0:
        out += fmt::format(" {}", pick(random, kOptions));
        break;
      case 1:
        out += fmt::format(" {}", path(random));
        break;
      case 2:
        out += fmt::format(" --{}-{}={}", pick(random, kWords), pick(random, kWords), random.below(100'000));
        break;
      case 3:
        out += fmt::format(" \"{}\"", path(random));
        break;
      case 4:
        out += fmt::format(" https://{}{}.example/{}/{}?id={}", pick(random, kWords), random.below(1000),
                           pick(random, kWords), pick(random, kWords), random.below(1'000'000));
        break;
      default:
        out += fmt::format(" /{}:{}", pick(random, kWords), hex(random, 8 + random.below(24)));
        break;
    }
  } while (out.size() < size);
  return out;
}

// One event, its own fields in a list; the Message repeats them, as the collector renders it.
class Event {
 public:
  Event(std::string_view title, std::string_view source, std::string_view channel, int id, std::string_view when,
        std::string_view host)
      : title_(title) {
    head_ = fmt::format(
        R"({{"SourceName":"{}","ProviderGuid":"{{5770385F-C22A-43E0-BF4C-06F5698FFBD9}}","Level":"4","Keywords":"0x8000000000000000",)"
        R"("Channel":"{}","Hostname":"{}","TimeCreated":"{}","@timestamp":"{}","EventID":{})",
        source, channel, host, when, when, id);
  }
  Event& add(std::string_view name, std::string_view value) {
    fields_ += fmt::format(",\"{}\":{}", name, json_string(value));
    message_ += fmt::format("\r\n{}: {}", name, value);
    return *this;
  }
  void write(std::string& out, bool message) const {
    out += head_;
    if (message) out += fmt::format(",\"Message\":{}", json_string(std::string(title_) + message_));
    out += ",\"Task\":\"1\"";
    out += fields_;
    out += "}\n";
  }

 private:
  std::string_view title_;
  std::string head_, fields_, message_;
};

}  // namespace

std::string windows_diverse(std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  std::string out;
  out.reserve(bytes + 8192);
  std::int64_t at = kStart;
  while (out.size() < bytes) {
    at += static_cast<std::int64_t>(random.below(3));
    const std::string when = format_utc(Time{at * kSecond + static_cast<std::int64_t>(random.below(1000)) * 1'000'000});
    const std::string host = fmt::format("ws-{:03}.larkmoor.example", random.below(460));
    const std::string user = fmt::format("LARKMOOR\\user{:03}", random.below(620));
    const std::string pid = std::to_string(random.below(60'000) + 100);
    const std::string program = image(random), other = image(random);
    const auto sysmon = [&](std::string_view title, int id) {
      Event event(title, "Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational", id, when, host);
      event.add("RuleName", "-").add("UtcTime", when);
      return event;
    };
    const auto hashes = [&] {
      return fmt::format("SHA1={},MD5={},SHA256={},IMPHASH={}", hex(random, 40), hex(random, 32), hex(random, 64),
                         hex(random, 32));
    };
    const std::uint64_t kind = random.below(100);
    if (kind < 12) {
      sysmon("Process Create:", 1)
          .add("ProcessGuid", guid(random))
          .add("ProcessId", pid)
          .add("Image", program)
          .add("FileVersion", fmt::format("10.0.{}.{}", random.below(20'000), random.below(2'000)))
          .add("Description", fmt::format("{} {}", pick(random, kWords), pick(random, kWords)))
          .add("Product", "Microsoft Windows Operating System")
          .add("Company", "Microsoft Corporation")
          .add("OriginalFileName", program.substr(program.rfind('\\') + 1))
          .add("CommandLine", command_line(random, program))
          .add("CurrentDirectory", path(random))
          .add("User", user)
          .add("LogonGuid", guid(random))
          .add("LogonId", fmt::format("0x{:x}", random.below(1 << 24)))
          .add("TerminalSessionId", std::to_string(random.below(4)))
          .add("IntegrityLevel", random.below(2) == 0 ? "Medium" : "System")
          .add("Hashes", hashes())
          .add("ParentProcessGuid", guid(random))
          .add("ParentProcessId", pid)
          .add("ParentImage", other)
          .add("ParentCommandLine", command_line(random, other))
          .add("ParentUser", user)
          .write(out, true);
    } else if (kind < 16) {
      Event("A new process has been created.", "Microsoft-Windows-Security-Auditing", "Security", 4688, when, host)
          .add("SubjectUserSid", fmt::format("S-1-5-21-1004336348-1177238915-682003330-{}", random.below(5000)))
          .add("SubjectUserName", user.substr(9))
          .add("SubjectDomainName", "LARKMOOR")
          .add("SubjectLogonId", fmt::format("0x{:x}", random.below(1 << 24)))
          .add("NewProcessId", "0x" + hex(random, 4))
          .add("NewProcessName", program)
          .add("TokenElevationType", "%%1936")
          .add("ProcessId", "0x" + hex(random, 4))
          .add("CommandLine", command_line(random, program))
          .add("ParentProcessName", other)
          .add("MandatoryLabel", "S-1-16-8192")
          .write(out, true);
    } else if (kind < 40) {
      std::string trace;
      for (std::uint64_t i = 4 + random.below(8); i > 0; --i) {
        trace += fmt::format("{}C:\\Windows\\System32\\{}.dll+{:x}", trace.empty() ? "" : "|", pick(random, kWords),
                             random.below(1 << 20));
      }
      sysmon("Process accessed:", 10)
          .add("SourceProcessGUID", guid(random))
          .add("SourceProcessId", pid)
          .add("SourceThreadId", pid)
          .add("SourceImage", program)
          .add("TargetProcessGUID", guid(random))
          .add("TargetProcessId", pid)
          .add("TargetImage", other)
          .add("GrantedAccess", random.below(2) == 0 ? "0x1400" : "0x1000")
          .add("CallTrace", trace)
          .add("SourceUser", user)
          .add("TargetUser", user)
          .write(out, true);
    } else if (kind < 60) {
      sysmon("Image loaded:", 7)
          .add("ProcessGuid", guid(random))
          .add("ProcessId", pid)
          .add("Image", program)
          .add("ImageLoaded", path(random))
          .add("FileVersion", fmt::format("10.0.{}.{}", random.below(20'000), random.below(2'000)))
          .add("Description", fmt::format("{} {}", pick(random, kWords), pick(random, kWords)))
          .add("Product", "Microsoft Windows Operating System")
          .add("Company", "Microsoft Corporation")
          .add("OriginalFileName", fmt::format("{}.dll", pick(random, kWords)))
          .add("Hashes", hashes())
          .add("Signed", random.below(10) == 0 ? "false" : "true")
          .add("Signature", "Microsoft Windows")
          .add("SignatureStatus", "Valid")
          .add("User", user)
          .write(out, true);
    } else if (kind < 78) {
      const bool value = kind < 70;
      Event event = sysmon(value ? "Registry value set:" : "Registry object added or deleted:", value ? 13 : 12);
      event.add("EventType", value ? "SetValue" : "CreateKey")
          .add("ProcessGuid", guid(random))
          .add("ProcessId", pid)
          .add("Image", program)
          .add("TargetObject", fmt::format("{}{}{}\\{}", pick(random, kRegistry), pick(random, kWords),
                                           random.below(1000), guid(random)));
      if (value)
        event.add("Details", random.below(2) == 0 ? fmt::format("DWORD (0x{})", hex(random, 8)) : path(random));
      event.add("User", user).write(out, true);
    } else if (kind < 86) {
      sysmon("File created:", 11)
          .add("ProcessGuid", guid(random))
          .add("ProcessId", pid)
          .add("Image", program)
          .add("TargetFilename", path(random))
          .add("CreationUtcTime", when)
          .add("User", user)
          .write(out, true);
    } else if (kind < 92) {
      sysmon("Network connection detected:", 3)
          .add("ProcessGuid", guid(random))
          .add("ProcessId", pid)
          .add("Image", program)
          .add("User", user)
          .add("Protocol", "tcp")
          .add("Initiated", "true")
          .add("SourceIsIpv6", "false")
          .add("SourceIp", fmt::format("10.20.{}.{}", random.below(40), random.below(250)))
          .add("SourceHostname", host)
          .add("SourcePort", std::to_string(49152 + random.below(16'000)))
          .add("DestinationIsIpv6", "false")
          .add("DestinationIp", fmt::format("198.{}.{}.{}", 18 + random.below(2), random.below(256), random.below(256)))
          .add("DestinationHostname", fmt::format("{}{}.example", pick(random, kWords), random.below(100'000)))
          .add("DestinationPort", "443")
          .write(out, true);
    } else if (kind < 96) {
      sysmon("Dns query:", 22)
          .add("ProcessGuid", guid(random))
          .add("ProcessId", pid)
          .add("QueryName",
               fmt::format("{}{}.{}.example", pick(random, kWords), random.below(100'000), pick(random, kWords)))
          .add("QueryStatus", "0")
          .add("QueryResults", fmt::format("::ffff:198.18.{}.{};", random.below(256), random.below(256)))
          .add("Image", program)
          .add("User", user)
          .write(out, true);
    } else {
      Event("An account was successfully logged on.", "Microsoft-Windows-Security-Auditing", "Security", 4624, when,
            host)
          .add("SubjectUserSid", "S-1-5-18")
          .add("SubjectUserName", "-")
          .add("TargetUserSid", fmt::format("S-1-5-21-1004336348-1177238915-682003330-{}", random.below(5000)))
          .add("TargetUserName", user.substr(9))
          .add("TargetDomainName", "LARKMOOR")
          .add("TargetLogonId", fmt::format("0x{:x}", random.below(1 << 24)))
          .add("LogonType", std::to_string(2 + random.below(9)))
          .add("LogonProcessName", "Kerberos")
          .add("AuthenticationPackageName", "Kerberos")
          .add("WorkstationName", fmt::format("WS-{:03}", random.below(460)))
          .add("LogonGuid", guid(random))
          .add("KeyLength", "0")
          .add("ProcessName", program)
          .add("IpAddress", fmt::format("10.20.{}.{}", random.below(40), random.below(250)))
          .add("IpPort", std::to_string(49152 + random.below(16'000)))
          .write(out, true);
    }
  }
  return out;
}

std::string windows_small(std::size_t bytes, std::uint64_t seed) {
  Random random(seed);
  std::string out;
  out.reserve(bytes + 1024);
  std::int64_t at = kStart;
  while (out.size() < bytes) {
    at += static_cast<std::int64_t>(random.below(3));
    const std::string when = format_utc(Time{at * kSecond});
    const std::string program = image(random);
    const std::string line =
        fmt::format("{} /{}:{}", program.substr(program.rfind('\\') + 1), pick(random, kWords), hex(random, 16));
    out += fmt::format(
        R"({{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"@timestamp":"{}","Hostname":"ws-{:03}","Image":{},"CommandLine":{},"User":"user{:03}"}})",
        when, random.below(460), json_string(program), json_string(line), random.below(620));
    out += '\n';
  }
  return out;
}

}  // namespace assay::bench
