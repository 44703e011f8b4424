#include "text/extract/lists.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/ascii.h"
#include "text/addresses.h"

namespace assay {
namespace {

constexpr std::string_view kCited =
    " mitre.org nist.gov cve.org cisa.gov us-cert.gov fbi.gov ic3.gov nsa.gov defense.gov dhs.gov justice.gov "
    "treasury.gov state.gov whitehouse.gov hhs.gov ncsc.gov.uk gov.uk gc.ca cyber.gc.ca cyber.gov.au cert.govt.nz "
    "ncsc.govt.nz bund.de anssi.fr ssi.gouv.fr europa.eu cert.europa.eu first.org oasis-open.org ietf.org "
    "rfc-editor.org iana.org w3.org owasp.org sans.org isc.org virustotal.com hybrid-analysis.com any.run "
    "app.any.run urlscan.io shodan.io censys.io abuse.ch malpedia.caad.fkie.fraunhofer.de fraunhofer.de "
    "otx.alienvault.com alienvault.com misp-project.org circl.lu misppriv.circl.lu joesandbox.com mandiant.com "
    "fireeye.com crowdstrike.com kaspersky.com securelist.com talosintelligence.com paloaltonetworks.com "
    "welivesecurity.com eset.com symantec.com broadcom.com trendmicro.com proofpoint.com sentinelone.com "
    "checkpoint.com recordedfuture.com secureworks.com volexity.com dragos.com sophos.com malwarebytes.com "
    "mcafee.com trellix.com f-secure.com withsecure.com bitdefender.com avast.com fortinet.com fortiguard.com "
    "cisco.com citrix.com pulsesecure.net ivanti.com zimbra.com vmware.com oracle.com sap.com atlassian.com "
    "redhat.com debian.org ubuntu.com apache.org nginx.org python.org kernel.org gnu.org mozilla.org adobe.com "
    "rapid7.com tenable.com qualys.com exploit-db.com packetstormsecurity.com zerodayinitiative.com "
    "bleepingcomputer.com thehackernews.com zdnet.com wired.com reuters.com bbc.co.uk bbc.com nytimes.com "
    "washingtonpost.com theguardian.com arstechnica.com krebsonsecurity.com therecord.media cyberscoop.com "
    "darkreading.com securityweek.com bloomberg.com forbes.com cnn.com theregister.com wikipedia.org archive.org "
    "acm.org ieee.org arxiv.org doi.org who.int creativecommons.org microsoft.com windows.com office.com google.com "
    "apple.com amazon.com cloudflare.com facebook.com twitter.com x.com linkedin.com youtube.com instagram.com "
    "medium.com reddit.com slideshare.net stackoverflow.com github.com github.io gitlab.com githubusercontent.com "
    "bitbucket.org mastodon.social live.com outlook.com gmail.com yahoo.com icloud.com windowsupdate.com akamai.net "
    "amazonaws.com office365.com googleapis.com gstatic.com digicert.com letsencrypt.org verisign.com bing.com "
    "yara.readthedocs.io readthedocs.io sigmahq.io huntress.com elastic.co splunk.com redcanary.com zscaler.com "
    "netskope.com cloudflare-dns.com akamai.com ibm.com pwc.co.uk pwc.com gartner.com ";
constexpr std::string_view kShared =
    " github.com githubusercontent.com gitlab.com bitbucket.org dropbox.com dropboxusercontent.com pastebin.com "
    "google.com googleapis.com googleusercontent.com live.com outlook.com gmail.com yahoo.com icloud.com "
    "amazonaws.com cloudfront.net azurewebsites.net microsoft.com sharepoint.com office.com onedrive.com "
    "discord.com discordapp.com telegram.org t.me slack.com mega.nz mega.io mediafire.com transfer.sh "
    "wetransfer.com twitter.com x.com facebook.com youtube.com reddit.com medium.com blogspot.com wordpress.com "
    "tumblr.com ngrok.io trycloudflare.com workers.dev herokuapp.com firebaseapp.com web.app appspot.com bit.ly "
    "tinyurl.com is.gd archive.org cloudflare.com duckdns.org github.io notion.so trello.com box.com anonfiles.com "
    "file.io protonmail.com proton.me tutanota.com mail.ru yandex.ru yandex.com aol.com gmx.de gmx.net gmx.com "
    "hotmail.com qq.com 163.com 126.com zoho.com ";
constexpr std::string_view kUtility =
    " 7-zip.org accuweather.com adguard-dns.com adobe.com ajax.googleapis.com akamaiedge.net akamaihd.net "
    "akamaized.net amazontrust.com anydesk.com api.myip.com apple.com archlinux.org auth0.com azureedge.us "
    "baidu.com bing.com bootstrapcdn.com cdnjs.cloudflare.com centos.org challenges.cloudflare.com "
    "checkip.amazonaws.com checkip.dyndns.com checkip.dyndns.org citrix.com cloudflare-dns.com "
    "cloudflareinsights.com comodoca.com crates.io data.microsoft.com db-ip.com debian.org digicert.com dns.google "
    "docker.com docker.io doubleclick.net drupal.org duckduckgo.com duosecurity.com dyndns.org edgekey.net "
    "edgesuite.net entrust.net facebook.net fastly.net fbcdn.net fedoraproject.org firefox.com fontawesome.com "
    "fonts.googleapis.com freegeoip.app gcr.io geojs.io geoplugin.net geotrust.com ghcr.io globalsign.com "
    "globalsign.net godaddy.com golang.org google-analytics.com googleadservices.com googlesyndication.com "
    "googletagmanager.com gotomeeting.com gravatar.com gstatic.com haveibeenpwned.com hcaptcha.com hotjar.com "
    "icanhazip.com icloud-content.com ident.me identrust.com ifconfig.co ifconfig.me ip-api.com ipecho.net "
    "ipgeolocation.io ipify.org ipinfo.info ipinfo.io ipwho.is ipwhois.app java.com joomla.org jquery.com "
    "jsdelivr.net kernel.org lencr.org letsencrypt.com letsencrypt.org licdn.com live.net magento.com maven.org "
    "maxmind.com mcr.microsoft.com microsoftonline.com mozilla.com mozilla.net mozilla.org msedge.net "
    "msftconnecttest.com msftncsi.com msocsp.com myexternalip.com mzstatic.com newrelic.com nextdns.io nodejs.org "
    "nomoreransom.org notepad-plus-plus.org npmjs.com npmjs.org ntp.org nuget.org office.com office.net "
    "office365.com officeapps.live.com okta.com opendns.com openssl.org openstreetmap.org openvpn.net "
    "openweathermap.org openxmlformats.org optimizely.com oracle.com paypal.com pki.goog pool.ntp.org putty.org "
    "pypi.org python.org pythonhosted.org quad9.net quay.io reallyfreegeoip.org recaptcha.net redhat.com "
    "rubygems.org safebrowsing.googleapis.com salesforce.com sap.com schemas.microsoft.com sectigo.com segment.com "
    "shields.io shopify.com skype.com sorbs.net spamcop.net spamhaus.org startpage.com stripe.com stripe.network "
    "surbl.org symcb.com symcd.com teamviewer.com thawte.com time.apple.com time.google.com time.windows.com "
    "torproject.org travis-ci.org twimg.com typekit.net ubuntu.com unpkg.com update.microsoft.com usertrust.com "
    "verisign.com videolan.org vmware.com w.org w3.org weather.com webex.com whatismyip.com whatismyipaddress.com "
    "whatsapp.com whatsapp.net wikimedia.org wikipedia.org windows.com windowsupdate.com winscp.net wireguard.com "
    "wordpress.org wtfismyip.com xmlsoap.org yahoo.com yandex.net yarnpkg.com zoom.us ";
constexpr std::string_view kFiles =
    " svchost.exe conhost.exe explorer.exe rundll32.exe regsvr32.exe cmd.exe powershell.exe pwsh.exe services.exe "
    "lsass.exe winlogon.exe csrss.exe smss.exe taskhost.exe taskhostw.exe dllhost.exe spoolsv.exe wininit.exe "
    "msiexec.exe mshta.exe wscript.exe cscript.exe certutil.exe bitsadmin.exe schtasks.exe at.exe net.exe net1.exe "
    "netsh.exe nltest.exe whoami.exe tasklist.exe taskkill.exe reg.exe regedit.exe sc.exe wmic.exe wmiprvse.exe "
    "vssadmin.exe wbadmin.exe bcdedit.exe wevtutil.exe ipconfig.exe ping.exe tracert.exe nslookup.exe "
    "systeminfo.exe quser.exe query.exe ntdsutil.exe psexec.exe psexesvc.exe procdump.exe curl.exe tar.exe "
    "expand.exe makecab.exe findstr.exe notepad.exe calc.exe mspaint.exe winword.exe excel.exe powerpnt.exe "
    "outlook.exe onenote.exe acrord32.exe chrome.exe firefox.exe msedge.exe iexplore.exe java.exe javaw.exe "
    "python.exe node.exe w3wp.exe httpd.exe nginx.exe sqlservr.exe msbuild.exe installutil.exe regasm.exe "
    "regsvcs.exe csc.exe ntoskrnl.exe werfault.exe sethc.exe utilman.exe osk.exe control.exe fodhelper.exe "
    "consent.exe kernel32.dll ntdll.dll user32.dll advapi32.dll ws2_32.dll wininet.dll winhttp.dll shell32.dll "
    "ole32.dll crypt32.dll comsvcs.dll dbghelp.dll amsi.dll mscoree.dll msvcrt.dll version.dll ntds.dit readme.txt "
    "readme.md license.txt changelog.md setup.py requirements.txt package.json makefile.txt index.html index.htm "
    "index.php index.jsp default.aspx web.config robots.txt favicon.ico desktop.ini thumbs.db boot.ini hosts.txt "
    "autoexec.bat config.json config.xml config.ini config.yml win.ini setup.exe install.exe installer.exe "
    "update.exe updater.exe uninstall.exe avamar.exe node.js vue.js next.js react.js asp.net d3.js jquery.js "
    "jquery.min.js sysmon.exe osqueryd.exe teamviewer.exe anydesk.exe putty.exe winscp.exe rclone.exe 7z.exe "
    "winrar.exe rar.exe security.evtx access.log error.log auth.log syslog.log secure.log ns.conf nsconfig.xml "
    "httpd.conf nginx.conf my.cnf ";
constexpr std::string_view kResolvers =
    " 8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 4.2.2.1 4.2.2.2 "
    "64.6.64.6 94.140.14.14 77.88.8.8 114.114.114.114 223.5.5.5 2001:4860:4860::8888 2001:4860:4860::8844 "
    "2606:4700:4700::1111 2606:4700:4700::1001 2620:fe::fe 2620:fe::9 ";

// In a list of words, each between spaces.
bool among(std::string_view list, std::string_view value) {
  return value.find(' ') == value.npos && list.find(" " + lower(value) + " ") != list.npos;
}

}  // namespace

bool is_cited_site(std::string_view registrable) { return among(kCited, registrable); }
bool is_utility_site(std::string_view host) { return among(kUtility, host); }
bool is_shared_service(std::string_view registrable) { return among(kShared, registrable); }
bool is_ordinary_file(std::string_view name) { return among(kFiles, name); }
bool is_public_resolver(std::string_view address) { return among(kResolvers, address); }

std::string special_address(std::string_view address, bool& documentation) {
  documentation = false;
  address = address.substr(0, address.find('/'));
  if (address.find(':') != address.npos) {
    const std::string a = lower(address);
    if (a == "::1" || a == "::") return "loopback or unspecified address";
    if (a.starts_with("fe8") || a.starts_with("fe9") || a.starts_with("fea") || a.starts_with("feb"))
      return "link-local address";
    if (a.starts_with("fc") || a.starts_with("fd")) return "unique local address";
    if (a.starts_with("ff")) return "multicast address";
    if (a.starts_with("2001:db8:") || a.starts_with("2001:0db8:"))
      return documentation = true, "address of documentation";
    return {};
  }
  if (!is_ipv4(address)) return {};
  std::vector<int> p;
  for (const std::string_view part : split(address, '.')) p.push_back(static_cast<int>(parse_int(part).value_or(0)));
  if (p[0] == 10 || (p[0] == 172 && p[1] >= 16 && p[1] < 32) || (p[0] == 192 && p[1] == 168)) return "private address";
  if (p[0] == 127) return "loopback address";
  if (p[0] == 169 && p[1] == 254) return "link-local address";
  if (p[0] == 100 && p[1] >= 64 && p[1] < 128) return "carrier address (RFC 6598)";
  if (p[0] == 0) return "no host's address";
  if (p[0] >= 224) return "multicast, reserved or broadcast address";
  if ((p[0] == 192 && p[1] == 0 && p[2] == 2) || (p[0] == 198 && p[1] == 51 && p[2] == 100) ||
      (p[0] == 203 && p[1] == 0 && p[2] == 113))
    return documentation = true, "address of documentation";
  if (p[0] == 198 && (p[1] == 18 || p[1] == 19)) return "address of benchmarks";
  return {};
}

bool is_dual_use_tool(std::string_view name) {
  static constexpr auto kTools = std::to_array<std::string_view>(
      {"adfind.exe",        "procdump.exe",      "procdump64.exe", "psexec.exe",
       "psexesvc.exe",      "meshagent.exe",     "winscp.exe",     "rclone.exe",
       "anydesk.exe",       "teamviewer.exe",    "7z.exe",         "7za.exe",
       "winrar.exe",        "rar.exe",           "putty.exe",      "plink.exe",
       "nmap.exe",          "wireshark.exe",     "netscan.exe",    "advanced_ip_scanner.exe",
       "screenconnect.exe", "processhacker.exe", "sharphound.exe", "mimikatz.exe",
       "rubeus.exe",        "filezilla.exe",     "megasync.exe",   "ngrok.exe",
       "tcpdump.exe",       "curl.exe",          "wget.exe",       "nc.exe",
       "ncat.exe",          "autoit3.exe"});
  return std::any_of(kTools.begin(), kTools.end(), [&](std::string_view known) { return equals_icase(known, name); });
}

bool is_empty_hash(std::string_view hash) {
  static constexpr auto kEmpty =
      std::to_array<std::string_view>({"d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                                       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                       "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b"
                                       "0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
                                       // The EICAR test file.
                                       "44d88612fea8a8f36de82e1278abb02f", "3395856ce81f2b7382dee72602f798b642f14140",
                                       "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"});
  return std::any_of(kEmpty.begin(), kEmpty.end(), [&](std::string_view known) { return equals_icase(known, hash); });
}

}  // namespace assay
