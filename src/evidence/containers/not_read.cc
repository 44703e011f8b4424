// Content that is known by its magic but has no reader: the answer says what it could have told, and how to convert it.
#include <algorithm>
#include <array>
#include <string_view>

#include "core/ascii.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t at;
  std::string_view bytes;
  NotRead what;
};

constexpr std::string_view kUnpack = "unpack it and give the folder";
constexpr std::string_view kMount =
    "mount it read-only and give the folder, or extract logs and files with a forensic tool";
constexpr std::string_view kMemory = "run a memory analysis tool and give its text or JSON output";

constexpr NotRead kPcap{"packet capture (pcap)", "connections, names asked, certificates, bytes sent",
                        "run Zeek over it and give its logs", "network_flow"};
constexpr NotRead kPcapng{"packet capture (pcapng)", "connections, names asked, certificates, bytes sent",
                          "run Zeek over it and give its logs", "network_flow"};
constexpr NotRead kEwf{"disk image (EnCase E01)", "files, logs and their times on that host", kMount, "file"};
constexpr NotRead kVmdk{"virtual disk (VMDK)", "files, logs and their times on that host", kMount, "file"};
constexpr NotRead kVhd{"virtual disk (VHD)", "files, logs and their times on that host", kMount, "file"};
constexpr NotRead kMft{"NTFS master file table", "names, sizes and times of every file of a volume",
                       "convert it to CSV or a body file with an MFT parser", "file"};
constexpr NotRead kWtmp{"login records (wtmp, btmp, utmp)", "logons, failed logons and boots of that host",
                        "give the output of last -F -f FILE or utmpdump FILE", "other"};
constexpr NotRead kUtf16{"text in UTF-16", "whatever its lines hold", "iconv -f UTF-16 -t UTF-8 FILE", ""};

constexpr std::array kMagics = std::to_array<Magic>({
    {4,
     "LfLe"sv,
     {"Windows event log of the old form (EVT)", "logons and log clearing on that host",
      "export its events as JSON, one a line", "windows_security"}},
    {0, "\xd4\xc3\xb2\xa1"sv, kPcap},
    {0, "\xa1\xb2\xc3\xd4"sv, kPcap},
    {0, "\x4d\x3c\xb2\xa1"sv, kPcap},
    {0, "\xa1\xb2\x3c\x4d"sv, kPcap},
    {0, "\xed\xab\xee\xdb"sv, {"RPM package", "whatever its members hold", kUnpack, ""}},
    {0, "EVF\x09\x0d\x0a\xff\0"sv, kEwf},
    {0, "EVF2\x0d\x0a\x81\0"sv, kEwf},
    {0,
     "LVF\x09\x0d\x0a\xff\0"sv,
     {"logical image (EnCase L01)", "files and their times on that host", kMount, "file"}},
    {0, "AFF10\r\n\0"sv, {"disk image (AFF)", "files, logs and their times on that host", kMount, "file"}},
    {0, "KDMV"sv, kVmdk},
    {0, "COWD"sv, kVmdk},
    {0, "# Disk DescriptorFile"sv, kVmdk},
    {0, "conectix"sv, kVhd},
    {0, "vhdxfile"sv, {"virtual disk (VHDX)", "files, logs and their times on that host", kMount, "file"}},
    {0, "QFI\xfb"sv, {"virtual disk (QCOW)", "files, logs and their times on that host", kMount, "file"}},
    {64, "\x7f\x10\xda\xbe"sv, {"virtual disk (VDI)", "files, logs and their times on that host", kMount, "file"}},
    {512, "EFI PART"sv, {"raw disk image", "files, logs and their times on that host", kMount, "file"}},
    {3, "NTFS    "sv, {"raw NTFS volume", "files, logs and their times on that host", kMount, "file"}},
    {3,
     "-FVE-FS-"sv,
     {"BitLocker volume (encrypted)", "files, logs and their times on that host",
      "unlock it with its key, mount it read-only and give the folder", "file"}},
    {0,
     "LUKS\xba\xbe"sv,
     {"LUKS volume (encrypted)", "files, logs and their times on that host",
      "unlock it with its key, mount it read-only and give the folder", "file"}},
    {0, "hsqs"sv, {"SquashFS image", "files and their times on that host", kMount, "file"}},
    {0x8001, "CD001"sv, {"ISO 9660 image", "the files in it", kMount, "file"}},
    {0,
     "!BDN"sv,
     {"Outlook mailbox (PST, OST)", "messages, links and attachments",
      "export the messages as mail files (eml) or mbox", "mail"}},
    {0,
     "regf"sv,
     {"registry hive", "autostarts, services, programs run and devices of that host",
      "export it with a registry parser as JSON or text", "other"}},
    {0, "FILE0\0\x03\0"sv, kMft},
    {0, "FILE*\0\x03\0"sv, kMft},
    {0,
     "MAM\x04"sv,
     {"Windows prefetch (compressed)", "which programs ran on that host, and when",
      "convert it with a prefetch parser to JSON or CSV", "process"}},
    {4,
     "SCCA"sv,
     {"Windows prefetch", "which programs ran on that host, and when",
      "convert it with a prefetch parser to JSON or CSV", "process"}},
    {0,
     "L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv,
     {"Windows shortcut (LNK)", "which file was opened from where", "convert it with a shortcut parser to JSON or CSV",
      "file"}},
    {0,
     "SQLite format 3\0"sv,
     {"SQLite database", "for a browser: pages visited and downloads; else what its program kept",
      "export its tables as JSON, one row a line", "other"}},
    {4,
     "\xef\xcd\xab\x89"sv,
     {"ESE database (SRUM, NTDS, Windows Search, Exchange)", "bytes by program, directory accounts, files indexed",
      "export its tables as JSON or CSV", "other"}},
    {0,
     "PAGEDU64"sv,
     {"Windows crash dump (memory)", "processes, connections and injected code at that moment", kMemory, "process"}},
    {0,
     "PAGEDUMP"sv,
     {"Windows crash dump (memory)", "processes, connections and injected code at that moment", kMemory, "process"}},
    {0, "MDMP\x93\xa7"sv, {"process dump (minidump)", "the memory of one process at that moment", kMemory, "process"}},
    {0,
     "EMiL"sv,
     {"memory image (LiME)", "processes, connections and injected code at that moment", kMemory, "process"}},
    {0,
     "AVML\x02"sv,
     {"memory image (AVML)", "processes, connections and injected code at that moment", kMemory, "process"}},
    {0,
     "\xd2\xbe\xd2\xbe"sv,
     {"memory state of a virtual machine (VMSS, VMSN)", "processes, connections and injected code at that moment",
      kMemory, "process"}},
    {0,
     "HIBR"sv,
     {"Windows hibernation file (memory)", "processes, connections and injected code at that moment", kMemory,
      "process"}},
    {0,
     "hibr"sv,
     {"Windows hibernation file (memory)", "processes, connections and injected code at that moment", kMemory,
      "process"}},
    {0,
     "\x0c\xa5\x01\0"sv,
     {"NetFlow records (nfcapd)", "connections and bytes", "nfdump -r FILE -o json, one record a line",
      "network_flow"}},
    {0,
     "\x0c\xa5\x02\0"sv,
     {"NetFlow records (nfcapd)", "connections and bytes", "nfdump -r FILE -o json, one record a line",
      "network_flow"}},
    {0, "\xde\xad\xbe\xef"sv, {"NetFlow records (SiLK)", "connections and bytes", "rwcut, as text", "network_flow"}},
    {0,
     "LPKSHHRH"sv,
     {"systemd journal", "logons, services and program messages of that host", "journalctl --file FILE -o json",
      "other"}},
    {0,
     "ASL DB\0"sv,
     {"macOS system log (ASL)", "logons and program messages of that host", "syslog -f FILE -F std", "other"}},
    {0, "PAR1"sv, {"Parquet table", "whatever its rows hold", "export it as JSON, one row a line", ""}},
    {0, "Obj\x01"sv, {"Avro file", "whatever its rows hold", "export it as JSON, one row a line", ""}},
    {0,
     "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv,
     {"OLE compound file (Outlook .msg, old Office, MSI)", "a message, or a document's text and macros",
      "save messages as .eml; give documents to their own tools", ""}},
    {0,
     "-----BEGIN PGP MESSAGE-----"sv,
     {"PGP message (encrypted)", "whatever it holds", "decrypt it and give the content", ""}},
    {0,
     "age-encryption.org/v1"sv,
     {"age file (encrypted)", "whatever it holds", "decrypt it and give the content", ""}},
    {0, "Salted__"sv, {"OpenSSL encrypted file", "whatever it holds", "decrypt it and give the content", ""}},
});

constexpr std::size_t kUtmpBytes = 384;  // struct utmp of glibc on 64-bit Linux

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < size; ++i)
    out |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return out;
}

// Records of 384 bytes with a type of 0..9 each; the terminal's name must be printable and closed by zeros.
bool is_utmp(std::string_view head, bool named) {
  const std::size_t records = std::min<std::size_t>(head.size() / kUtmpBytes, 64);
  if (records == 0) return false;
  std::size_t used = 0;
  for (std::size_t i = 0; i < records; ++i) {
    const std::string_view record = head.substr(i * kUtmpBytes, kUtmpBytes);
    if (little(record, 0, 4) > 9) return false;
    bool closed = false;
    for (const char c : record.substr(8, 32)) {
      if (c == '\0')
        closed = true;
      else if (closed || c < ' ' || c == 0x7f)
        return false;
    }
    const std::uint32_t seconds = little(record, 340, 4);
    if (little(record, 0, 4) != 0 && seconds > 0) ++used;
  }
  return used >= (named ? 1U : 3U);
}

std::string_view base_of(std::string_view name) { return last_step(name, "/\\!"); }

bool is_elf_core(std::string_view head) {
  if (head.size() < 18 || !head.starts_with("\x7f"
                                            "ELF"sv))
    return false;
  const bool big = head[5] == 2;
  return big ? head[16] == 0 && head[17] == 4 : head[16] == 4 && head[17] == 0;
}

// A boot sector with a partition table that makes sense: a raw image of a disk.
bool is_boot_disk(std::string_view head) {
  if (head.size() < 512 || head.substr(510, 2) != "\x55\xaa"sv) return false;
  bool any = false;
  for (std::size_t i = 446; i < 510; i += 16) {
    if (head[i] != '\0' && head[i] != '\x80') return false;
    const std::uint32_t sectors = little(head, i + 12, 4);
    if (head[i + 4] == '\0' && sectors != 0) return false;
    any = any || (head[i + 4] != '\0' && sectors != 0);
  }
  return any;
}

// Lines "2020-04-16 02:12:07 192.0.2.1 GET /index.html ..." as IIS writes them, of which no header says what they hold.
bool is_headless_w3c(std::string_view head) {
  std::size_t lines = 0, good = 0;
  while (!head.empty() && lines < 50) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos && lines > 0) break;
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(line.size() + 1, head.size()));
    if (trim(line).empty()) continue;
    ++lines;
    if (line.size() < 30 || line[4] != '-' || line[7] != '-' || line[10] != ' ' || line[13] != ':' || line[16] != ':' ||
        line[19] != ' ' || !is_digit(line[0]) || !is_digit(line[18]))
      continue;
    bool request = false;
    for (const std::string_view method : {" GET ", " POST ", " HEAD ", " OPTIONS ", " PUT "})
      request = request || line.find(method) != std::string_view::npos;
    good += request && std::count(line.begin(), line.end(), ' ') >= 5 ? 1U : 0U;
  }
  return good > 2 && good * 5 >= lines * 4;
}

}  // namespace

NotRead recognise_volume(std::string_view head, std::string_view file_name) {
  const std::string_view name = base_of(file_name);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  std::string_view stem = name.substr(0, dot);
  const std::string_view ending = name.substr(dot + 1);
  const auto numbered = [](std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
  };
  constexpr NotRead kSevenZip{"later volume of a split archive", "whatever the archive's members hold",
                              "join the volumes in order (cat NAME.001 NAME.002 ... > WHOLE) and give that", ""};
  constexpr NotRead kZip{"volume of a split zip archive", "whatever the archive's members hold",
                         "join the volumes (zip -s 0 NAME.zip --out WHOLE.zip) and give that", ""};
  constexpr NotRead kRar{"later volume of a split RAR archive", "whatever the archive's members hold",
                         "unpack it from its first volume, all volumes beside it, and give the folder", ""};
  if (numbered(ending) && ending.size() == 3 && ending > "001") {
    for (const std::string_view inner : {".7z", ".zip", ".rar", ".tar", ".gz", ".xz", ".bz2", ".tgz", ".zst"}) {
      if (ends_with_icase(stem, inner)) return kSevenZip;
    }
  }
  const bool binary = head.find('\0') != std::string_view::npos;
  if (ending.size() == 3 && numbered(ending.substr(1)) && binary) {
    if (to_lower(ending[0]) == 'z' && recognise_container(head) != ContainerKind::zip) return kZip;
    if (to_lower(ending[0]) == 'r' && head.starts_with("Rar!"sv)) return kRar;
  }
  if (equals_icase(ending, "rar") && head.starts_with("Rar!"sv)) {
    std::size_t digits = stem.size();
    while (digits > 0 && is_digit(stem[digits - 1])) --digits;
    const std::string_view number = stem.substr(digits);
    if (ends_with_icase(stem.substr(0, digits), ".part") && number.find_first_not_of('0') != std::string_view::npos &&
        number.substr(number.find_first_not_of('0')) != "1")
      return kRar;
  }
  return {};
}

NotRead recognise_not_read(std::string_view head, std::string_view file_name) {
  const std::string_view name = base_of(file_name);
  if (head.size() >= 12 && head.starts_with("\x0a\x0d\x0d\x0a"sv) &&
      (head.substr(8, 4) == "\x4d\x3c\x2b\x1a"sv || head.substr(8, 4) == "\x1a\x2b\x3c\x4d"sv)) {
    return kPcapng;
  }
  for (const Magic& magic : kMagics) {
    if (head.size() < magic.at + magic.bytes.size() || head.substr(magic.at, magic.bytes.size()) != magic.bytes)
      continue;
    if (magic.bytes == "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv && ends_with_icase(name, ".msg")) {
      return {"Outlook message (.msg)", "a message, its links and attachments", "save it as .eml", "mail"};
    }
    return magic.what;
  }
  if (is_elf_core(head)) {
    return {"memory image (ELF core)", "processes, connections and injected code at that moment", kMemory, "process"};
  }
  if (is_boot_disk(head)) return {"raw disk image", "files, logs and their times on that host", kMount, "file"};
  const bool utmp_name = name.starts_with("wtmp") || name.starts_with("btmp") || name.starts_with("utmp");
  if (is_utmp(head, utmp_name)) return kWtmp;
  if (name == "lastlog" && head.find('\0') != std::string_view::npos) {
    return {"last logons (lastlog)", "the last logon of each account of that host", "give the output of lastlog",
            "other"};
  }
  if (head.find('\0') != std::string_view::npos) {
    // By name only where the content is binary, and no magic exists.
    if (ends_with_icase(name, ".etl"))
      return {"Windows trace log (ETL)", "what its providers traced", "convert it with tracerpt to CSV", "other"};
    if (ends_with_icase(name, ".tracev3"))
      return {"macOS unified log", "logons and program messages of that host", "log show --archive --style ndjson",
              "other"};
    if (ends_with_icase(name, ".vmem"))
      return {"memory of a virtual machine", "processes, connections and injected code at that moment", kMemory,
              "process"};
    if (equals_icase(name, "$UsnJrnl") || equals_icase(name, "$J")) {
      return {"NTFS change journal", "files made, renamed and removed", "convert it to CSV with a journal parser",
              "file"};
    }
    if (equals_icase(name, "$LogFile"))
      return {"NTFS log file", "recent changes of files", "convert it to CSV with an NTFS parser", "file"};
    if (equals_icase(name, "hiberfil.sys") || equals_icase(name, "pagefile.sys") ||
        equals_icase(name, "swapfile.sys")) {
      return {"Windows paging or hibernation file (memory)", "remains of processes and connections", kMemory,
              "process"};
    }
  }
  if (is_headless_w3c(head)) {
    return {"W3C extended log without its header lines", "the requests that a web server got",
            "put the lines from #Software to #Fields of another log of the same server in front", "web_access"};
  }
  if (head.starts_with("\xff\xfe"sv) || head.starts_with("\xfe\xff"sv)) return kUtf16;
  return {};
}

}  // namespace assay
