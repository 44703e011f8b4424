#!/usr/bin/env python3
"""Makes bundle.json from source.toml, indicators.csv and ../../attack/techniques.csv. Python 3.11, standard library only.

Ids are UUIDv5 of what an object is, times stand in source.toml: the same sources give the same bytes.
  make.py           writes bundle.json
  make.py --check   says whether bundle.json is what the sources give (exit code 1 when not)
"""

import csv
import json
import pathlib
import sys
import tomllib
import uuid

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACE = uuid.UUID("5c1b2f0e-8f0a-5a63-9a0c-1d3d6a0b7f29")
TLP_CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
EXTENSION = "extension-definition--" + str(uuid.uuid5(NAMESPACE, "assay extension"))
CONFIDENCE = {"1": 90, "2": 70, "3": 50, "4": 30, "5": 10}   # STIX 2.1, appendix A: Admiralty credibility
PROPERTIES = ["x_assay_activity_from", "x_assay_activity_until", "x_assay_claims", "x_assay_class", "x_assay_family", "x_assay_id",
              "x_assay_judgement", "x_assay_mark", "x_assay_pair", "x_assay_provenance", "x_assay_publisher_refs", "x_assay_reliability", "x_assay_source",
              "x_assay_stage", "x_assay_version", "x_assay_weightless"]
PATTERNS = {"ipv4": "[ipv4-addr:value = '%s']", "sha256": "[file:hashes.'SHA-256' = '%s']", "md5": "[file:hashes.MD5 = '%s']",
            "file_name": "[file:name = '%s']"}
KIND_TITLES = {"ipv4": "address", "sha256": "SHA-256", "md5": "MD5", "file_name": "file name"}


class Bundle:
    def __init__(self, written):
        self.written = written
        self.objects = []
        self.author = self.id("identity", "assay content")

    @staticmethod
    def id(kind, what):
        return "%s--%s" % (kind, uuid.uuid5(NAMESPACE, kind + " " + what))

    def add(self, kind, what, **properties):
        """One object; `source`, `reliability` and `mark` become the properties of our extension."""
        out = {"type": kind, "spec_version": "2.1", "id": self.id(kind, what)}
        if kind != "identity" or what != "assay content":
            out["created_by_ref"] = self.author
        out.update(created=self.written, modified=self.written)
        for key, value in properties.items():
            name = {"source": "x_assay_source", "reliability": "x_assay_reliability", "mark": "x_assay_provenance"}.get(key, key)
            if value not in (None, "", []):
                out[name] = value
        out["object_marking_refs"] = [TLP_CLEAR]
        if any(k.startswith("x_assay_") for k in out):
            out["extensions"] = {EXTENSION: {"extension_type": "toplevel-property-extension"}}
        if kind == "x-assay-claim":
            out["extensions"] = {EXTENSION: {"extension_type": "new-sdo"}}
        self.objects.append(out)
        return out["id"]

    def relate(self, from_ref, kind, to_ref, **properties):
        self.add("relationship", "%s %s %s" % (from_ref, kind, to_ref), relationship_type=kind, source_ref=from_ref, target_ref=to_ref, **properties)


def attack(identifier):
    kind = "software" if identifier[0] == "S" else "groups" if identifier[0] == "G" else "techniques"
    return [{"source_name": "mitre-attack", "external_id": identifier,
             "url": "https://attack.mitre.org/%s/%s" % (kind, identifier.replace(".", "/"))}]


def make():
    with open(HERE / "source.toml", "rb") as file:
        source = tomllib.load(file)
    with open(HERE / "indicators.csv", newline="", encoding="ascii") as file:
        indicators = list(csv.DictReader(file))
    with open(HERE.parent.parent / "attack" / "techniques.csv", newline="", encoding="ascii") as file:
        techniques = {row["id"]: row["name"] for row in csv.DictReader(file)}
    b = Bundle(source["bundle"]["written"])
    b.objects.append({"type": "marking-definition", "spec_version": "2.1", "id": TLP_CLEAR, "created": "2022-10-01T00:00:00.000Z", "name": "TLP:CLEAR",
                      "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": "clear"}}})
    b.add("identity", "assay content", name="Assay", description="Writers of Assay's content; bundles written from public sources, not by the publishers.",
          identity_class="organization")
    b.objects.append({"type": "extension-definition", "spec_version": "2.1", "id": EXTENSION, "created_by_ref": b.author, "created": b.written,
                      "modified": b.written, "name": "Assay", "description": "Claims, and what an indicator speaks for. docs/advisories.md describes it.",
                      "schema": "docs/advisories.md", "version": "1.0.0", "extension_types": ["new-sdo", "toplevel-property-extension"],
                      "extension_properties": PROPERTIES, "object_marking_refs": [TLP_CLEAR]})

    publisher = {p["id"]: b.add("identity", "publisher " + p["id"], name=p["name"], description=p["description"], identity_class="organization",
                                sectors=["government-national"]) for p in source["publisher"]}
    actor = source["actor"]
    actor_ref = b.add("intrusion-set", actor["name"], name=actor["name"], description=actor["description"].strip(), aliases=actor["aliases"],
                      external_references=attack(actor["attack_id"]), source=actor["source"], reliability=actor["reliability"], mark=actor["mark"])
    campaign = source["campaign"]
    campaign_ref = b.add("campaign", campaign["name"], name=campaign["name"], description=campaign["description"].strip(), first_seen=campaign["first_seen"],
                         last_seen=campaign["last_seen"], source=campaign["source"], reliability=campaign["reliability"], mark=campaign["mark"])
    b.relate(campaign_ref, "attributed-to", actor_ref, description="See the judgements: attribution is the publishers' own.")
    for target in source["target"]:
        b.relate(campaign_ref, "targets", b.add("identity", "target " + target["name"], name=target["name"], identity_class="class", sectors=target["sectors"]))
    for country in source["country"]:
        b.relate(campaign_ref, "targets", b.add("location", country["name"], name=country["name"], country=country["code"]))
    for v in source["vulnerability"]:
        ref = b.add("vulnerability", v["name"], name=v["name"], description=v["description"], external_references=[{"source_name": "cve", "external_id": v["name"]}],
                    source=v["source"], reliability=v["reliability"], mark=v["mark"])
        b.relate(campaign_ref, "targets", ref)
    technique_ref = {i: b.add("attack-pattern", i, name=name, external_references=attack(i), source="MITRE ATT&CK 18", reliability="A2", mark="V")
                     for i, name in techniques.items()}
    named = {actor["name"]: actor_ref}
    for m in source["malware"]:
        named[m["name"]] = ref = b.add("malware", m["name"], name=m["name"], description=m["description"].strip(), is_family=True, malware_types=m["types"],
                                       external_references=attack(m["attack_id"]), source=m["source"], reliability=m["reliability"], mark=m["mark"])
        b.relate(campaign_ref, "uses", ref)
        for i in m["techniques"]:
            b.relate(ref, "uses", technique_ref[i])
    for t in source["campaign_technique"]:
        b.relate(campaign_ref, "uses", technique_ref[t["id"]], source=t["source"])
    for r in source["recommendation"]:
        b.add("course-of-action", r["id"], name=r["name"], description=r["text"], x_assay_id=r["id"], source=r["source"], mark=r["mark"])
    for c in source["claim"]:
        b.add("x-assay-claim", c["id"], claim_id=c["id"], text=c["text"], questions=c["questions"], source_classes=c["source_classes"], fields=c["fields"],
              hosts=c["hosts"], sensitivity=c["sensitivity"], sensitivity_source=c["sensitivity_source"], evidence_class=c["evidence_class"], basis=c["basis"])

    for row in indicators:
        first = row["first_published"] + "T00:00:00.000Z"
        note = row["note"] + (" Same file as SHA-256 %s." % row["pair"] if row["pair"] else "")
        ref = b.add("indicator", "%s %s" % (row["kind"], row["value"]),
                    name="%s %s" % (row["malware"].replace(";", "/"), KIND_TITLES[row["kind"]]), description=note.strip(),
                    indicator_types=["benign" if row["weightless"] else "malicious-activity"], pattern=PATTERNS[row["kind"]] % row["value"], pattern_type="stix",
                    pattern_version="2.1", valid_from=first, confidence=CONFIDENCE[row["reliability"][1]],
                    x_assay_claims=row["claims"].split(";") if row["claims"] else [], x_assay_class=row["class"], x_assay_family=row["family"],
                    x_assay_stage=row["stage"], x_assay_weightless=True if row["weightless"] else None, x_assay_mark=row["mark"],
                    x_assay_pair=row["pair"], source=row["source"], reliability=row["reliability"])
        for name in row["malware"].split(";"):
            b.relate(ref, "indicates", named[name])

    # Judgements are notes on the report; what other publishers say of them are opinions.
    report = source["report"]
    report_ref = b.id("report", report["name"])
    notes = {}
    for j in source["judgement"]:
        said = {"id": j["id"], "publisher": j["publisher"]}
        said.update({key: j[key] for key in ("term", "scale", "low", "high") if j.get(key) not in (None, "")})
        notes[j["id"]] = b.add("note", j["id"], abstract="Judgement %s" % j["id"], content=j["text"], authors=j["publisher"].split(", "), object_refs=[report_ref],
                               x_assay_judgement=said, source=j["source"], reliability=j["reliability"], mark=j["mark"])
    for o in source["opinion"]:
        b.add("opinion", "%s %s" % (o["on"], o["publisher"]), opinion=o["opinion"], explanation=o["text"], authors=[o["publisher"]],
              object_refs=[notes[o["on"]]], source=o["source"])
    body = [o["id"] for o in b.objects if o["type"] not in ("marking-definition", "extension-definition")]
    b.add("report", report["name"], name=report["name"], description=report["description"].strip(), report_types=["threat-report", "campaign"],
          published=report["published"], x_assay_version=report["version"], x_assay_publisher_refs=[publisher[p] for p in report["publishers"]],
          external_references=[{"source_name": "NCSC", "description": "Joint advisory, %s" % report["version"], "url": report["url"]}],
          object_refs=sorted(body), source=report["source"], reliability=report["reliability"], mark=report["mark"])

    b.objects.sort(key=lambda o: (o["type"], o["id"]))
    ids = [o["id"] for o in b.objects]
    assert len(ids) == len(set(ids)), "two objects with one id"
    return json.dumps({"type": "bundle", "id": b.id("bundle", report["name"]), "objects": b.objects}, indent=1, ensure_ascii=True) + "\n"


def main():
    text = make()
    path = HERE / "bundle.json"
    if "--check" in sys.argv[1:]:
        same = path.is_file() and path.read_text(encoding="ascii") == text
        print("bundle.json %s its sources" % ("is what it should be from" if same else "is NOT what it should be from"))
        return 0 if same else 1
    path.write_text(text, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
