// What ends of names, folders and names of hosts tell. For nature.cc alone.
#pragma once

#include <array>
#include <string_view>

namespace assay {

inline constexpr auto kPrograms = std::to_array<std::string_view>(
    {"exe",  "scr",  "com",  "pif",    "cpl",  "sys",     "elf",   "bin",    "apk",    "dmg",   "msi",
     "msp",  "msix", "appx", "deb",    "rpm",  "pkg",     "x86",   "x64",    "x86_64", "arm",   "arm5",
     "arm6", "arm7", "mips", "mipsel", "mpsl", "aarch64", "arm64", "armv7l", "i686",   "amd64", "sh4",
     "ppc",  "m68k", "ko",   "efi",    "vsix", "crx",     "xpi",   "whl",    "war",    "ipa"});
inline constexpr auto kScripts = std::to_array<std::string_view>(
    {"ps1", "psm1", "bat", "cmd", "vbs", "vbe",  "js",    "jse",  "wsf",  "wsh",  "hta", "lnk",   "sh",   "py",
     "pyc", "pl",   "rb",  "php", "asp", "aspx", "ashx",  "asmx", "jsp",  "jspx", "cgi", "lua",   "au3",  "a3x",
     "sct", "mjs",  "cjs", "ts",  "vba", "jar",  "class", "url",  "scpt", "iqy",  "chm", "phtml", "phar", "cfm"});
inline constexpr auto kLibraries =
    std::to_array<std::string_view>({"dll", "so", "dylib", "ocx", "xll", "wll", "node", "pyd"});
inline constexpr auto kDocuments = std::to_array<std::string_view>(
    {"doc",  "docx", "docm", "dot", "dotm", "xls", "xlsx", "xlsm", "xlsb", "xla", "ppt", "pptx",
     "pptm", "pdf",  "rtf",  "one", "eml",  "msg", "ics",  "hwp",  "odt",  "ods", "pub", "mht"});
inline constexpr auto kArchives =
    std::to_array<std::string_view>({"zip", "rar", "7z", "iso", "img", "vhd", "vhdx", "gz", "tgz", "tar", "bz2", "xz",
                                     "cab", "ace", "lzh", "arj", "zst"});
inline constexpr auto kPictures =
    std::to_array<std::string_view>({"png", "jpg", "jpeg", "gif", "bmp", "ico", "svg", "ttf", "css", "map", "webp"});
inline constexpr auto kData = std::to_array<std::string_view>(
    {"txt",  "log",    "md",   "json",       "yml",     "yaml", "xml", "ini",  "cfg", "conf", "config", "csv",
     "db",   "sqlite", "key",  "pem",        "crt",     "cer",  "pfx", "lock", "reg", "inf",  "dat",    "tmp",
     "evtx", "plist",  "toml", "properties", "service", "dmp",  "bak", "rst",  "tsv", "ps"});
inline constexpr auto kPages = std::to_array<std::string_view>({"html", "htm", "shtml", "xhtml"});
inline constexpr auto kSources = std::to_array<std::string_view>(
    {"c",     "h",     "cc",  "cpp",  "cxx",   "hpp",    "go",  "rs",     "java", "kt",
     "swift", "m",     "cs",  "ts",   "tsx",   "jsx",    "vue", "svelte", "scss", "less",
     "sol",   "proto", "erb", "twig", "blade", "gradle", "tf",  "ps1xml", "psd1"});
// Where those who write programs keep their sources.
inline constexpr auto kSourceFolders = std::to_array<std::string_view>(
    {"src/",       "lib/",       "dist/",       "server/",    "client/",   "test/", "tests/",      "frontend/",
     "backend/",   "public/",    "components/", "scripts/",   "app/",      "bin/",  "include/",    "examples/",
     "packages/",  "utils/",     "build/",      "config/",    "internal/", "pkg/",  "cmd/",        "assets/",
     "resources/", "static/",    "views/",      "templates/", "api/",      "core/", "middleware/", ".github/",
     ".vscode/",   ".circleci/", ".husky/",     ".idea/"});
inline constexpr auto kLibraryFolders = std::to_array<std::string_view>(
    {"node_modules", "site-packages", "dist-packages", "/vendor/", "\\vendor\\", ".cargo/registry", ".cargo\\registry",
     "/rustc/", "pkg/mod/", "pkg\\mod\\", "bower_components", "/gems/", ".m2/repository", ".nuget", "/golang.org/",
     "/github.com/", "/library/core/src"});
// Sold for little or nothing, and often seen in abuse.
inline constexpr auto kCheap = std::to_array<std::string_view>(
    {"xyz",   "top",    "club",  "online",  "site",    "icu",     "buzz",     "live",   "fun",   "space", "shop",
     "store", "cyou",   "cfd",   "sbs",     "rest",    "click",   "link",     "pw",     "tk",    "ml",    "ga",
     "cf",    "gq",     "su",    "cc",      "ws",      "vip",     "monster",  "quest",  "lat",   "bond",  "lol",
     "pics",  "world",  "today", "digital", "website", "tech",    "info",     "biz",    "zip",   "mov",   "cam",
     "mom",   "beauty", "hair",  "skin",    "boats",   "work",    "host",     "press",  "fit",   "uno",   "best",
     "life",  "lc",     "to",    "ru",      "cn",      "work",    "one",      "pro",    "cloud", "app",   "dev",
     "run",   "sh",     "me",    "in",      "space",   "support", "services", "center", "help"});
inline constexpr auto kFreeMail = std::to_array<std::string_view>(
    {"gmail.com",    "googlemail.com", "outlook.com",   "hotmail.com",   "live.com",     "yahoo.com",
     "proton.me",    "protonmail.com", "protonmail.ch", "pm.me",         "tutanota.com", "tuta.io",
     "tutamail.com", "mail.ru",        "bk.ru",         "inbox.ru",      "list.ru",      "yandex.ru",
     "yandex.com",   "ya.ru",          "gmx.de",        "gmx.net",       "gmx.com",      "web.de",
     "aol.com",      "icloud.com",     "mail.com",      "email.com",     "zoho.com",     "zohomail.eu",
     "qq.com",       "163.com",        "126.com",       "sina.com",      "foxmail.com",  "cock.li",
     "airmail.cc",   "onionmail.org",  "onionmail.com", "mailfence.com", "seznam.cz",    "wp.pl",
     "onet.pl",      "o2.pl",          "interia.pl",    "rambler.ru",    "ukr.net",      "i.ua",
     "keemail.me",   "dnmx.org",       "skiff.com",     "firemail.cc",   "msgsafe.io",   "rediffmail.com",
     "hotmail.fr",   "orange.fr",      "laposte.net",   "libero.it",     "uol.com.br",   "bol.com.br",
     "naver.com",    "daum.net"});
// Where sources are kept for all to read.
inline constexpr auto kCodeHosts =
    std::to_array<std::string_view>({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "sr.ht",
                                     "sourceforge.net", "gitee.com", "gitea.com", "notabug.org"});
// Mailboxes that organisations have.
inline constexpr auto kServiceBoxes = std::to_array<std::string_view>(
    {"info",       "contact",     "soc",       "cert",         "csirt",         "psirt",     "security",
     "abuse",      "press",       "media",     "incident",     "incidents",     "report",    "reports",
     "reporting",  "threatintel", "intel",     "intelligence", "research",      "ti",        "ir",
     "support",    "hello",       "feedback",  "newsroom",     "editor",        "alerts",    "ioc",
     "iocs",       "cti",         "threat",    "threats",      "privacy",       "legal",     "help",
     "office",     "redaktion",   "presse",    "kontakt",      "lagezentrum",   "analysis",  "labs",
     "lab",        "soc24",       "enquiries", "inquiries",    "cyber",         "isac",      "watch",
     "ncsc",       "advisories",  "advisory",  "tips",         "malware",       "samples",   "noc",
     "sicherheit", "secure",      "members",   "disclosure",   "vulnerability", "webmaster", "datenschutz",
     "notes",      "team",        "list",      "announce",     "sightings",     "seguridad", "securite",
     "seguranca"});

}  // namespace assay
