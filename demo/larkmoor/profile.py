"""demo/profile.yaml: what the institute says about itself, for --profile. One file for both cases; keys in docs/profile.md."""

from . import output, world

HEAD = """# Profile of the Larkmoor demo, used for both cases. The keys are described in docs/profile.md.
# All of it is what the institute knows of itself; nothing here is a finding.

organisation: Larkmoor Institute for Vaccine Research
segment: research segment and DMZ
sector: health research
country: GB
time_zone: Europe/London
# The appliance's own disk keeps UTC; what it sends to the log host has UK time.
zones:
  - {path: '*files/ctx-gw-01*', zone: UTC}
# Noted at collection on 17 July: stats-07 showed 07:07:40 when it was 07:00:00.
clocks: {stats-07: +7m40s}

own_networks: [192.0.2.0/24, 10.20.0.0/16]
own_domains: [larkmoor.example]

# Addresses here change hands; a host of these ranges is known by name only, or through leases and sessions.
dynamic_networks:
  - {network: 10.20.50.0/24, kind: dhcp}
  - {network: 10.20.90.0/24, kind: dhcp}
  - {network: 10.20.200.0/22, kind: vpn}

proxies:
  - {name: proxy-01, addresses: [192.0.2.30, 10.20.1.30]}

nat:
  - {address: 192.0.2.40, inside: 10.20.0.0/16}

mail_gateways:
  - name: mx-01
    addresses: [192.0.2.25, 10.20.1.25]
    link_rewriting: [urldefense.proofpoint.com]

gateways:
  - name: ctx-gw-01
    addresses: [192.0.2.10, 10.20.1.10]
    product: Citrix ADC
    version: 12.1-55.18
    patched_on: 2020-04-27
    logging: yes
    partner: ctx-gw-02
  - name: ctx-gw-02
    addresses: [192.0.2.14, 10.20.1.11]
    product: Citrix ADC
    version: 12.1-55.18
    patched_on: 2020-04-27
    logging: no
    partner: ctx-gw-01

scanners:
  - {name: vuln-scan-01, addresses: [192.0.2.250], kind: own scanner, from: 2019-01-01}

authorised_tests:
  - {name: Penetration test 2020, addresses: [203.0.113.12], from: 2020-06-22, to: 2020-06-24, reference: letter of 2020-06-08}

analysis:
  hosts: [soc-01, soc-02, tip-01, sandbox-01]
  networks: [10.20.60.0/24]
  folders: [files/soc-share, files/soc-share.tar.zst]

key_shares: ['\\\\fs-res-01\\vx19']
key_systems: [fs-res-01, lims-01, eln-01, dc-01, dc-02]

accounts:
  shared: [lab-kiosk, ward-trial]
  service: [svc-ldap-ctx, svc-backup, svc-image, svc-mon, svc-lims]

partners:
  - {name: Open Sequence Archive, domains: [submit.openseqarchive.example], addresses: [203.0.113.240], bulk: yes, from_hosts: [seq-core-02]}
  - {name: Offsite Backup Ltd, domains: [vault.offsitebackup.example], addresses: [198.51.100.240], bulk: yes, from_hosts: [backup-01]}
  - {name: Video meetings, domains: [meet.videoroom.example], addresses: [203.0.113.231, 203.0.113.232, 203.0.113.233], bulk: yes}
  - {name: Instrument Care, domains: [telemetry.instruments.example], addresses: [203.0.113.77], bulk: no, from_hosts: [inst-seq-01]}

sinkholes:
  - {address: 176.119.29.37, since: 2020-05-20}

# Days that a source should reach back, as the owners of the logs say.
retention:
  - {source: gateway, days: 107}
  - {source: zeek, days: 90}
  - {source: proxy, days: 119}
  - {source: windows, days: 45}
  - {source: fileserver, days: 107}
  - {source: firewall, days: 30}
  - {source: vpn, days: 119}
  - {source: linux_auth, days: 107}
  - {source: dhcp, days: 107}

"""


def text():
    lines = [HEAD + "hosts:"]
    for host in world.HOSTS:
        addresses = ", addresses: [%s]" % ", ".join(host.addresses) if host.addresses else ""
        lines.append("  - {name: %s, kind: %s%s}" % (host.name, host.kind, addresses))
    return "\n".join(lines) + "\n"


def write(out):
    output.write_bytes(out + "/profile.yaml", text().encode("ascii"))
