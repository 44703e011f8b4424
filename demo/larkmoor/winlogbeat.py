"""The shape that winlogbeat 7 gives to a forwarded Windows event, shared by windows.py and fileserver.py."""

import json

from . import clock, world

AUDITING = "Microsoft-Windows-Security-Auditing"
EVENTLOG = "Microsoft-Windows-Eventlog"
SID = "S-1-5-21-2140977213-3377190842-1690512477-"

ACTION = {4624: "logged-in", 4625: "logon-failed", 4634: "logged-out", 4648: "logged-in-explicit", 4672: "logged-in-special", 4688: "created-process",
          4768: "kerberos-authentication-ticket-requested", 4769: "kerberos-service-ticket-requested", 4776: "credential-validated",
          1102: "audit-log-cleared", 1105: "auditing-log-archived", 4740: "locked-out-user-account", 4723: "changed-password", 5145: "Detailed File Share"}


def sid(account):
    """The same account has the same identifier in every source."""
    number = 1100
    for byte in account.encode("ascii"):
        number = (number * 33 + byte) % 49_999
    return SID + str(2_000 + number)


def encode(moment, host, event_id, record_id, data, provider=AUDITING, user_data=None, outcome="success"):
    event = {"code": event_id, "kind": "event", "provider": provider, "action": ACTION[event_id], "outcome": outcome}
    winlog = {"channel": "Security", "provider_name": provider, "event_id": event_id, "record_id": record_id, "api": "wineventlog",
              "computer_name": "%s.%s" % (host, world.DOMAIN)}
    if data is not None:
        winlog["event_data"] = data
    if user_data is not None:
        winlog["user_data"] = user_data
    record = {"@timestamp": clock.iso_ms(moment), "winlog": winlog, "event": event, "host": {"name": host},
              "agent": {"type": "winlogbeat", "version": "7.6.2", "hostname": "wef-01"}, "ecs": {"version": "1.4.0"}}
    return json.dumps(record, separators=(",", ":")) + "\n"
