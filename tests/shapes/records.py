"""Records with what is demanded and advised, and nothing else: what a case changes is all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

# Each value is Turtle; SLUG is the case's own slug, so that no two records share a title or a number.
_SOURCE = {"dcterms:source": "<https://example.org/seen>"}
_NAMES = {"skos:prefLabel": '"Name"@en , "Nombre"@es , "Nom"@fr , "الاسم"@ar'}
_TEXT = '"A text of more than forty characters, as it should be."@en'
_IN = {"skos:inScheme": "<id/scheme/list>"}

RECORDS: dict[str, tuple[str, dict[str, str]]] = {
    "Resource": (
        "id/resource/SLUG",
        {
            "a": "escr:Resource",
            "dcterms:title": '"SLUG"@en',
            "dcterms:type": "<id/scheme/resource-type/report>",
            "dcterms:abstract": _TEXT,
            "dcterms:creator": "<id/person/ana-paz>",
            "dcterms:issued": '"2009"^^edtf:EDTF',
            "dcterms:subject": "<id/right/food>",
            "foaf:page": "<https://example.org/work>",
            **_SOURCE,
        },
    ),
    "Attribution": (
        "id/resource/SLUG/contribution/1",
        {"a": "prov:Attribution", "prov:agent": "<id/organization/cesr>", "escr:position": "1"},
    ),
    "Journal": ("id/journal/SLUG", {"a": "escr:Journal", "dcterms:title": '"SLUG"', **_SOURCE}),
    "Dataset": (
        "id/dataset/SLUG",
        {
            "a": "dcat:Dataset",
            "dcterms:title": '"SLUG"@en',
            "dcterms:description": '"What it holds."@en',
            "dcat:version": '"1.0.0"',
            "dcterms:issued": '"2026-11-24"^^xsd:date',
            "dcterms:license": "<https://example.org/licence>",
        },
    ),
    "Person": (
        "id/person/SLUG",
        {"a": "foaf:Person", "foaf:name": '"Ana Paz"', "escr:publicRole": '"author"@en', **_SOURCE},
    ),
    "Organization": (
        "id/organization/SLUG",
        {
            "a": "org:Organization",
            "skos:prefLabel": '"SLUG"@en',
            "org:classification": "<id/scheme/organization-type/ngo>",
            "escr:country": "<id/country/gtm>",
            **_SOURCE,
        },
    ),
    "Membership": (
        "id/organization/SLUG/membership/publisher",
        {
            "a": "org:Membership",
            "org:member": "<id/organization/cesr>",
            "org:role": "<id/scheme/organization-role/publisher>",
        },
    ),
    "Method": ("id/method/SLUG", {"a": "escr:Method", **_NAMES, "skos:definition": '"How."@en', **_IN, **_SOURCE}),
    "MethodStep": (
        "id/method/SLUG/step/1",
        {"a": "escr:MethodStep", "escr:stepNumber": "1", "skos:prefLabel": '"First"@en'},
    ),
    "Post": (
        "id/discussion/SLUG/post/1",
        {"a": "sioc:Post", "dcterms:description": '"What I think."@en', "dcterms:date": '"2019-05-14"^^edtf:EDTF'},
    ),
    "Right": (
        "id/right/SLUG",
        {
            "a": "escr:Right",
            **_NAMES,
            "skos:definition": '"What."@en',
            "escr:legalBasis": "<id/scheme/icescr/11>",
            **_SOURCE,
        },
    ),
    "Obligation": ("id/obligation/SLUG", {"a": "escr:Obligation", **_NAMES}),
    "Country": ("id/country/SLUG", {"a": "escr:Country", **_NAMES, "escr:iso3": '"ISO"'}),
    "TreatyStatus": (
        "id/country/SLUG/covenant/icescr",
        {
            "a": "escr:TreatyStatus",
            "escr:treaty": "<id/resource/covenant>",
            "escr:treatyStatus": "<id/scheme/covenant-status/ratified>",
            **_SOURCE,
        },
    ),
    "Region": ("id/region/SLUG", {"a": "escr:Region", **_NAMES}),
    "Discussion": (
        "id/discussion/SLUG",
        {
            "a": "escr:Discussion",
            "dcterms:title": '"SLUG"@en',
            "dcterms:type": "<id/scheme/discussion-kind/webinar>",
            "dcterms:date": '"2013-09"^^edtf:EDTF',
            "escr:moderator": "<id/person/ana-paz>",
            **_SOURCE,
        },
    ),
    "Update": (
        "id/update/SLUG",
        {
            "a": "escr:Update",
            "dcterms:title": '"SLUG"@en',
            "dcterms:type": "<id/scheme/update-kind/news>",
            "dcterms:date": '"2013-09"^^edtf:EDTF',
            **_SOURCE,
        },
    ),
    "Opportunity": ("id/update/SLUG", {"a": "escr:Opportunity", "schema:validThrough": '"2999-01-01"^^xsd:date'}),
    "Indicator": ("id/indicator/SLUG", {"a": "escr:Indicator", "skos:prefLabel": '"Stunting"@en'}),
    "Finding": (
        "id/finding/SLUG",
        {
            "a": "escr:Finding",
            "rdfs:label": '"Food, people in poverty"@en',
            "escr:country": "<id/country/gtm>",
            "escr:usesMethod": "<id/method/opera>",
            "escr:standing": "<id/scheme/standing/reported>",
            "escr:verified": "<id/scheme/record-status/verified>",
            "escr:establishes": "<id/finding/case/deprivation>",
            "escr:evidence": "<id/finding/case/evidence/1>",
            **_SOURCE,
        },
    ),
    "Deprivation": (
        "id/finding/SLUG/deprivation",
        {
            "a": "escr:Deprivation",
            "dcterms:description": _TEXT,
            "escr:right": "<id/right/food>",
            "escr:populationGroup": "<id/scheme/population-group/people-in-poverty>",
            "escr:period": '"2009"^^edtf:EDTF',
            "escr:attributedTo": "<id/finding/case/failure>",
        },
    ),
    "Observation": (
        "id/finding/SLUG/observation/1",
        {
            "a": "escr:Observation",
            "escr:indicator": "<id/indicator/stunting>",
            "escr:value": "43.4",
            "escr:unit": "<id/scheme/unit/percent-of-children>",
        },
    ),
    "PolicyFailure": (
        "id/finding/SLUG/failure",
        {
            "a": "escr:PolicyFailure",
            "dcterms:description": _TEXT,
            "escr:breaches": "<id/obligation/fulfil>",
            "escr:committedBy": "<id/organization/gov-gtm>",
        },
    ),
    "Evidence": (
        "id/finding/SLUG/evidence/1",
        {"a": "escr:Evidence", "dcterms:title": '"Report"', "foaf:page": "<https://example.org/report>", **_SOURCE},
    ),
    "Consequence": (
        "id/finding/SLUG/consequence/1",
        {"a": "escr:Consequence", "dcterms:description": _TEXT, "dcterms:date": '"2012"^^edtf:EDTF'},
    ),
    "ConceptScheme": ("id/scheme/SLUG", {"a": "skos:ConceptScheme", "skos:prefLabel": '"List"@en'}),
    "Concept": ("id/scheme/list/SLUG", {"a": "skos:Concept", "skos:prefLabel": '"Entry"@en', **_IN}),
    "LegalProvision": ("id/scheme/icescr/SLUG", {"a": "escr:LegalProvision", "skos:prefLabel": '"Article 1"@en'}),
}


def record(kind: str, slug: str, changes: Mapping[str, str | None]) -> tuple[str, str]:
    """A record as it should be, but for the changes (a property with None is left out): its address and its Turtle."""
    address, properties = RECORDS[kind]
    pairs = {**properties, **changes}
    # The digits of the slug as letters: no two countries may share a code.
    code = "".join(chr(ord("A") + int(digit)) for digit in slug.rpartition("-")[2].zfill(3))
    body = " ;\n  ".join(f"{name} {value}" for name, value in pairs.items() if value is not None)
    body = body.replace("SLUG", slug).replace("ISO", code)
    address = address.replace("SLUG", slug)
    return address, f"<{address}> {body} .\n"
