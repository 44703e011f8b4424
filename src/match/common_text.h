// What most paths, command lines and version texts of Windows are made of, in lower case. A literal is better filed
// under a piece that is not in here, and a rule better looked at for a text that is not. It changes no answer.
#pragma once

#include <string_view>

namespace assay {

inline constexpr std::string_view kCommonText =
    "c:\\windows\\system32\\svchost.exe -k netsvcs -p -s \\??\\c:\\windows\\system32\\conhost.exe 0xffffffff "
    "-forcev1 c:\\windows\\syswow64\\ \\windows\\microsoft.net\\framework64\\v4.0.30319\\ "
    "c:\\program files (x86)\\microsoft\\edge\\application\\msedge.exe --type=renderer --field-trial-handle= "
    "c:\\program files\\google\\chrome\\application\\chrome.exe --lang=en-us c:\\programdata\\microsoft\\windows "
    "defender\\platform\\ c:\\users\\administrator\\appdata\\local\\temp\\ \\appdata\\roaming\\ "
    "windowspowershell\\v1.0\\powershell.exe -noprofile -executionpolicy bypass -command "
    "hklm\\software\\microsoft\\windows\\currentversion\\ hklm\\system\\currentcontrolset\\services\\ "
    "hku\\s-1-5-21- \\software\\classes\\clsid\\ hkcu\\software\\policies\\ nt authority\\system "
    "cmd.exe /c explorer.exe rundll32.exe .dll .exe .tmp .log http:// https:// .com/ .json .xml .ps1 "
    "microsoft corporation microsoft windows operating system true false 0000000000000000 1.0.0.0 10.0.";

}  // namespace assay
