"""What the institute's own people keep of the advisory: a summary in their words, an indicator list, rules, queries.

All of it is knowledge about the campaign (B10), none of it is a trace of the campaign.
"""

from . import listed

SUMMARY = """Summary of the joint advisory of 16 July 2020 (NCSC, CSE, NSA, CISA), for internal use
=====================================================================================

The advisory says that the group called APT29 has gone after organisations in Canada, the United Kingdom and the United States that work
on a vaccine against COVID-19, with malware named WellMess and WellMail. A third one, SoreFang, is named in connection with Sangfor devices.

How they come in, as the advisory describes it
  - scanning of addresses, then public exploits: CVE-2019-19781 (Citrix), CVE-2019-11510 (Pulse Secure), CVE-2018-13379 (FortiGate),
    CVE-2019-9670 (Zimbra)
  - mails that ask for the password of a page reachable from the internet
What to look for here
  - requests for /vpns/ with /../ in them and .pl scripts (newbm.pl), then a .xml under /vpns/portal/
  - TLS on port 25 to a bare address, without SMTP
  - a certificate with C=Tunis, O=IT and a subject key identifier of five bytes, 01 02 03 04 06
  - HTTP POST with cookies whose names have eight characters and whose values look like sentences
  - strings: botlib.wellMess, /home/ubuntu/GoProject/src/bot/botlib, <;head;><;title;>

Addresses from the appendix
"""


def summary(defanged):
    lines = [SUMMARY]
    for address in listed.LISTED:
        lines.append("  " + (address.replace(".", "[.]") if defanged else address))
    return "\n".join(lines) + "\n"


def indicator_csv():
    rows = ["type,value,malware,source,first_published"]
    rows += ["ipv4,%s,WellMess,joint advisory,2020-07-16" % a for a in listed.LISTED]
    rows += ["certificate,\"C=Tunis, O=IT\",WellMess,joint advisory,2020-07-16", "string,botlib.wellMess,WellMess,joint advisory,2020-07-16",
             "uri,/vpns/portal/scripts/newbm.pl,CVE-2019-19781,public,2020-01-10"]
    return "\n".join(rows) + "\n"


YARA = """// Larkmoor SOC, 16 July 2020. Written from the facts of the advisory.
rule larkmoor_wellmess_names
{
    strings:
        $a = "botlib.wellMess"
        $b = "botlib.AES_Encrypt"
        $c = "/home/ubuntu/GoProject/src/bot/botlib"
        $d = "<;head;><;title;>"
    condition:
        uint32(0) == 0x464c457f and 2 of them
}

rule larkmoor_wellmail_names
{
    strings:
        $a = "C:/Server/Mail/App_Data/Temp/agent.sh/src/main.go"
        $b = "main.zipit"
    condition:
        uint32(0) == 0x464c457f and all of them
}
"""
