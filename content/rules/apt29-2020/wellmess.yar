/*
  WellMess, WellMail and SoreFang programs. Written from published facts (what strings the NCSC, CISA, JPCERT/CC, PwC and Microsoft
  name), not from their rules. Every rule asks for a program's header, so that reports, rule files and indicator lists that merely
  quote the strings are not met.

  meta assay_class, assay_claims, assay_family, assay_stage say what a match speaks for (docs/writing-rules.md).
*/

private rule is_elf
{
    condition:
        uint32(0) == 0x464c457f
}

private rule is_pe
{
    condition:
        uint16(0) == 0x5a4d and uint32(0x3c) < filesize - 4 and uint32(uint32(0x3c)) == 0x00004550
}

rule assay_wellmess_go
{
    meta:
        description = "WellMess in Go: names of its library functions, its source path or its message markup"
        author = "Assay"
        reference = "CISA_10296782_01; JPCERT/CC apt29.yara; PwC 2020-07-16"
        assay_class = "unique"
        assay_claims = "claim.wellmess-file"
        assay_family = "wellmess-file"
        assay_stage = "malware"
    strings:
        $lib_self = "botlib.wellMess" ascii
        $lib_command = "botlib.Command" ascii
        $lib_download = "botlib.Download" ascii
        $lib_encrypt = "botlib.AES_Encrypt" ascii
        $lib_decrypt = "botlib.AES_Decrypt" ascii
        $lib_chunks = "botlib.JoinDnsChunks" ascii
        $lib_z32 = "botlib.z32decode" ascii
        $path_home = "/GoProject/src/bot/botlib" ascii
        $path_server = "/BotUI/App_Data/Temp/" ascii
        $markup_head = "<;head;><;title;>" ascii
        $markup_title = "<;title;><;service;>" ascii
    condition:
        (is_elf or is_pe) and
        ($lib_self or 3 of ($lib_*) or (1 of ($lib_*) and 1 of ($path_*)) or (1 of ($lib_*, $path_*) and 1 of ($markup_*)))
}

rule assay_wellmess_parser
{
    meta:
        description = "The expressions with which WellMess reads its orders"
        author = "Assay"
        reference = "NCSC rule wellmess_regex_used_for_parsing_beacons; CISA_10296782_01"
        assay_class = "unique"
        assay_claims = "claim.wellmess-file"
        assay_family = "wellmess-file"
        assay_stage = "malware"
    strings:
        $order_go = "fileName:(?P<fn>.*?)\\sargs:(?P<arg>.*?" ascii wide
        $order_net = "fileName:(?<fn>.*?)\\sargs:(?<arg>.*" ascii wide
        $markup_go = "<;(?P<key>[^;]*?);>(?P<value>[^<]*?)<;" ascii wide
        $markup_net = "<;(?<key>[^;]*?);>(?<value>[^<]*?)<;" ascii wide
    condition:
        (is_elf or is_pe) and any of them
}

rule assay_wellmess_dotnet
{
    meta:
        description = "WellMess for .NET: three of its six words"
        author = "Assay"
        reference = "NCSC rule APT_APT29_wellmess_dotnet_unique_strings"
        assay_class = "unique"
        assay_claims = "claim.wellmess-file"
        assay_family = "wellmess-file"
        assay_stage = "malware"
    strings:
        $interval = "HealthInterval" wide
        $proxy = "Hello from Proxy" wide
        $start = "Start bot:" wide
        $to = "FromNormalToBase64" ascii
        $from = "FromBase64ToNormal" ascii
        $self = "WellMess" ascii
    condition:
        is_pe and 3 of them
}

rule assay_tunis_certificate_inside
{
    meta:
        description = "A program that carries a certificate with C=Tunis, O=IT and the subject key identifier 01 02 03 04 06"
        author = "Assay"
        reference = "decoded from NCSC rule wellmess_certificate_base64_snippets"
        assay_class = "unique"
        assay_claims = "claim.wellmess-file"
        assay_family = "wellmess-file"
        assay_stage = "malware"
    strings:
        // The DER of the identifier and of the name, in Base64 at each of the three alignments, and as bytes.
        $ski_0 = "BgNVHQ4EBwQFAQIDBA" ascii
        $ski_1 = "YDVR0OBAcEBQECAwQG" ascii
        $ski_2 = "GA1UdDgQHBAUBAgMEB" ascii
        $ski_der = { 06 03 55 1d 0e 04 07 04 05 01 02 03 04 06 }
        $name_0 = "BgNVBAYTBVR1bmlzMQswCQYDVQQKEwJJVD" ascii
        $name_1 = "YDVQQGEwVUdW5pczELMAkGA1UEChMCSVQx" ascii
        $name_2 = "GA1UEBhMFVHVuaXMxCzAJBgNVBAoTAklUM" ascii
        $name_der = { 06 03 55 04 06 13 05 54 75 6e 69 73 }
    condition:
        (is_elf or is_pe) and 1 of ($ski_*) and 1 of ($name_*)
}

rule assay_wellmail
{
    meta:
        description = "WellMail: its build path, its archive function, its build id"
        author = "Assay"
        reference = "NCSC rule wellmail_unique_strings; PwC 2020-09-17"
        assay_class = "unique"
        assay_claims = "claim.wellmail-file"
        assay_family = "wellmail-file"
        assay_stage = "malware"
    strings:
        $path_back = "C:\\Server\\Mail\\App_Data\\Temp\\" ascii
        $path = "C:/Server/Mail/App_Data/Temp/" ascii
        $id_short = "HgQdbx4qRNv" ascii
        $id_long = "042a51567eea19d5aca71050b4535d33d2ed43ba" ascii
        $zip = "main.zipit" ascii
        $order = /@\[\^\\s\]\+\?\\s\(\?P<tar>/ ascii
    condition:
        is_elf and (3 of them or (1 of ($path*) and 1 of ($id_*, $zip, $order)) or ($id_short and $id_long))
}

rule assay_sorefang
{
    meta:
        description = "SoreFang: its fixed boundary and cookie, its key, its words for folders and disks"
        author = "Assay"
        reference = "NCSC rules for SoreFang in Neo23x0/signature-base; CISA_10296782_01"
        assay_class = "unique"
        assay_claims = "claim.sangfor-update"
        assay_family = "sorefang-file"
        assay_stage = "malware"
    strings:
        $boundary = "974767299852498929531610575" ascii wide
        $form = "form-data; name=\"_ga\"; filename=" ascii wide
        $cookie = "Cookie:_ga=" ascii wide
        $key = "2b6233eb3e872ff78988f4a8f3f6a3ba" ascii wide
        $companion = "\\.SangforUD.sum" ascii wide
        $users = "----------All usres directory----------" ascii wide
        $desktop = "----------Desktop directory----------" ascii wide
        $documents = "----------Documents directory----------" ascii wide
        $disk = "I can not het information about this disk" ascii wide
    condition:
        is_pe and ($key or $disk or $users or 2 of them)
}
