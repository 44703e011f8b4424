/*
  Contents of text files on a Citrix appliance after CVE-2019-19781. Facts: the FireEye/Citrix scanner and x1sec's notes; the writing is ours.
  Each rule asks for the file's own place (filepath: the path inside the tree; filename: its last part), so that reports are not met.
*/

rule assay_citrix_exploit_template
{
    meta:
        description = "A portal bookmark or template that breaks out of its folder or runs a command"
        author = "Assay"
        assay_class = "typical"
        assay_claims = "claim.gateway-exploit-success"
        assay_family = "citrix-exploit"
        assay_stage = "exploit"
    strings:
        $user = /<user username="[^"]{0,64}\.\.\/\.\.\// nocase
        $block = /template\.new\(\{\s*'BLOCK'\s*=/ nocase
        $read = /readpipe ?\( ?chr\(/ nocase
        $print = /'BLOCK'[^\n']{0,8}'print/ nocase
    condition:
        (filepath icontains "portal/templates" or filepath icontains "vpn/bookmark") and any of them
}

rule assay_citrix_configuration_copy
{
    meta:
        description = "A copy of the appliance's configuration where the portal serves it"
        author = "Assay"
        assay_class = "typical"
        assay_claims = "claim.gateway-config-served, claim.gateway-follow-on"
        assay_family = "citrix-follow-on"
        assay_stage = "follow_on"
    strings:
        $head = /#NS1[0-9]\.[0-9] Build/
    condition:
        $head at 0 and (filepath icontains "portal/templates" or filepath icontains "vpn/bookmark" or filepath icontains "vpn/theme" or filepath icontains "ns_gui")
}

rule assay_citrix_configuration_account
{
    meta:
        description = "A served copy of the appliance's configuration names the account that it binds to the directory with"
        author = "Assay"
        assay_class = "typical"
        assay_claims = "claim.gateway-config-served"
        assay_family = "citrix-follow-on"
        assay_stage = "credential"
        assay_account = "$bind"
    strings:
        $head = /#NS1[0-9]\.[0-9] Build/
        $bind = /-ldapBindDn "?[^" \r\n]{1,128}"?/
    condition:
        $head at 0 and $bind and (filepath icontains "portal/templates" or filepath icontains "vpn/bookmark" or filepath icontains "vpn/theme" or filepath icontains "ns_gui")
}

rule assay_citrix_nobody_cron
{
    meta:
        description = "A cron job of user nobody: in the table, or run as the cron log says"
        author = "Assay"
        assay_class = "typical"
        assay_claims = "claim.gateway-follow-on"
        assay_family = "citrix-follow-on"
        assay_stage = "follow_on"
    strings:
        $table = /(^|\n)[ \t]*[0-9*@\/,-]+[ \t]+[0-9*\/,-]+[ \t]+[0-9*\/,-]+[ \t]+[0-9*\/,-]+[ \t]+[0-9*\/,-]+[ \t]+nobody[ \t]/
        $fetch = /(^|\n)[^#\n]{9,200}(curl|wget|fetch)[ \t][^\n]{0,200}\|[ \t]*(ba)?sh/
        $ran = /\/cron\[[0-9]+\]: \(nobody\) CMD/
    condition:
        (filepath icontains "cron/tabs" and filename == "nobody" and ($table or $fetch)) or (filepath icontains "/log" and filename istartswith "cron" and $ran)
}

rule assay_citrix_error_log_words
{
    meta:
        description = "The gateway's error log holds the words of a shell: downloads that failed, programs of an intruder"
        author = "Assay"
        assay_class = "typical"
        assay_claims = "claim.gateway-follow-on"
        assay_family = "citrix-follow-on"
        assay_stage = "follow_on"
    strings:
        $curl = /(^|\n|\] )curl: \([0-9]+\)/
        $wget = /(^|\n|\] )wget: /
        $progress = "% Total    % Received % Xferd"
        $init = "/tmp/.init/httpd"
        $netscalerd = "/var/tmp/netscalerd"
        $nscache = "/var/nstmp/.nscache"
        $python = "Traceback (most recent call last)"
    condition:
        filename icontains "httperror.log" and any of them
}

rule assay_citrix_shell_of_nobody
{
    meta:
        description = "The gateway's shell log holds commands of user nobody without a terminal"
        author = "Assay"
        assay_class = "typical"
        assay_claims = "claim.gateway-follow-on"
        assay_family = "citrix-follow-on"
        assay_stage = "follow_on"
    strings:
        $nobody = /nobody\)? ?\(null\) on/
    condition:
        filename icontains "bash.log" and $nobody
}

rule assay_cron_of_hidden_program
{
    meta:
        description = "A cron line starts a program below a folder whose name begins with a dot"
        author = "Assay"
        assay_class = "generic"
        assay_family = "hidden-cron"
        assay_stage = "malware"
    strings:
        $line = /(^|\n)[ \t]*(@[a-z]+|[0-9*\/,-]+[ \t]+[0-9*\/,-]+[ \t]+[0-9*\/,-]+[ \t]+[0-9*\/,-]+[ \t]+[0-9*\/,-]+)[ \t][^\n#]{0,80}\/(opt|var|usr|tmp|etc|lib|dev)\/([^ \t\n]{1,60}\/)?\.[A-Za-z0-9_-]+\/[A-Za-z0-9_.-]+/
    condition:
        filesize < 64KB and (filepath icontains "/cron" or filename icontains "crontab") and $line
}
