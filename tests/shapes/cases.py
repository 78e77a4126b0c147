"""What is wrong with a record and what the check says of it."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """expected: severity and shape of each result for the record. extra: Turtle beside it, where SLUG is its slug."""

    kind: str
    changes: dict[str, str | None]
    expected: set[str]
    extra: str = ""


def good(kind: str, changes: dict[str, str | None], extra: str = "") -> Case:
    """A change after which the record is still as it should be."""
    return Case(kind, changes, set(), extra)


def edtf(text: str) -> str:
    """A date literal."""
    return f'"{text}"^^edtf:EDTF'


_TWO_EN = '"One"@en , "Two"@en'
_JUDGED = "<id/scheme/standing/adjudicated>"

RESOURCES = [
    Case("Resource", {"dcterms:title": None}, {"Violation resource-title"}),
    Case("Resource", {"dcterms:title": '"SLUG"'}, {"Violation resource-title"}),
    Case("Resource", {"dcterms:title": _TWO_EN}, {"Violation resource-title"}),
    Case("Resource", {"dcterms:title": '"SLUG"@tlh'}, {"Violation resource-title"}),
    good("Resource", {"dcterms:title": '"SLUG"@en-GB , "عنوان"@ar'}),
    Case("Resource", {"dcterms:title": '"SLUG"@ar'}, {"Warning title-script"}),
    Case(
        "Resource",
        {},
        {"Warning resource-title-shared"},
        '<id/resource/SLUG-again> dcterms:title "SLUG"@en ; dcterms:issued "2009"^^edtf:EDTF .',
    ),
    Case("Resource", {"dcterms:type": None}, {"Violation resource-type"}),
    Case("Resource", {"dcterms:type": "<id/scheme/update-kind/news>"}, {"Violation resource-type"}),
    Case("Resource", {"dcterms:subject": None}, {"Violation resource-subject"}),
    Case("Resource", {"dcterms:subject": "<id/country/gtm>"}, {"Violation resource-subject"}),
    Case("Resource", {"dcterms:source": None}, {"Violation resource-source"}),
    Case("Resource", {"dcterms:language": "<https://example.org/ENG>"}, {"Violation resource-language"}),
    Case("Resource", {"dcterms:creator": "<id/country/gtm>"}, {"Violation resource-creator"}),
    Case("Resource", {"dcterms:creator": None}, {"Info resource-responsible-expected"}),
    good("Resource", {"dcterms:creator": None, "dcterms:publisher": "<id/organization/cesr>"}),
    Case("Resource", {"dcterms:publisher": "<id/person/ana-paz>"}, {"Violation resource-publisher"}),
    Case("Resource", {"dcterms:abstract": None}, {"Warning resource-abstract-expected"}),
    Case("Resource", {"dcterms:abstract": '"Short."@en'}, {"Warning resource-abstract-expected"}),
    Case("Resource", {"dcterms:issued": None}, {"Info resource-issued-expected"}),
    Case("Resource", {"dcterms:issued": edtf("2999")}, {"Warning resource-issued-not-future"}),
    *(good("Resource", {"dcterms:issued": edtf(text)}) for text in ("199X", "2013~", "2013-09/2013-10", "XXXX-03-05")),
    *(good("Resource", {"dcterms:issued": edtf(text)}) for text in ("2013-21", "1996/..", "../2009", "2001-11/2003")),
    *(
        Case("Resource", {"dcterms:issued": edtf(text)}, {"Violation resource-issued"})
        for text in ("in 2019", "2013-13", "2013-02-32", "13-02-2013", "2013/2012-05", "19X9", "2013-2")
    ),
    Case("Resource", {"dcterms:issued": '"2009"^^xsd:gYear'}, {"Violation resource-issued"}),
    Case("Resource", {"dcterms:issued": f"{edtf('2009')} , {edtf('2010')}"}, {"Violation resource-issued"}),
    Case("Resource", {"foaf:page": None}, {"Info resource-page-expected"}),
    Case("Resource", {"foaf:page": "<javascript:alert(1)>"}, {"Violation resource-page"}),
    Case("Resource", {"bibo:doi": '"doi:10.1353/hrq"'}, {"Violation resource-doi"}),
    Case("Resource", {"bibo:doi": '"10.1353/hrq 2017"'}, {"Violation resource-doi"}),
    Case("Resource", {"bibo:doi": '"10.9999/SLUG"@en'}, {"Violation resource-doi"}),
    good("Resource", {"bibo:doi": '"10.1016/s0140-6736(08)61781-x"'}),
    Case(
        "Resource",
        {"bibo:doi": '"10.9999/SLUG"'},
        {"Warning resource-doi-shared"},
        '<id/resource/SLUG-again> bibo:doi "10.9999/SLUG" .',
    ),
    good("Resource", {"bibo:isbn13": '"978-92-1-354123-4"'}),
    Case("Resource", {"bibo:isbn13": '"978-92-1-354123-5"'}, {"Violation resource-isbn13"}),
    Case("Resource", {"bibo:isbn13": '"978-92-1-35412-4"'}, {"Violation resource-isbn13"}),
    Case("Resource", {"bibo:isbn13": '"92-95015-04-5"'}, {"Violation resource-isbn13"}),
    Case(
        "Resource",
        {"bibo:isbn13": '"9781782251736"'},
        {"Warning resource-isbn13-shared"},
        '<id/resource/SLUG-again> bibo:isbn13 "9781782251736" .',
    ),
    good("Resource", {"bibo:isbn10": '"92-95015-04-5"'}),
    good("Resource", {"bibo:isbn10": '"0-8044-2957-X"'}),
    Case("Resource", {"bibo:isbn10": '"92-95015-04-6"'}, {"Violation resource-isbn10"}),
    Case("Resource", {"bibo:isbn10": '"92-95015-0X-5"'}, {"Violation resource-isbn10"}),
    Case(
        "Resource",
        {"bibo:isbn10": '"955-9062-83-2"'},
        {"Warning resource-isbn10-shared"},
        '<id/resource/SLUG-again> bibo:isbn10 "955-9062-83-2" .',
    ),
    Case("Resource", {"escr:unSymbol": '"E/C.12/GC 20"'}, {"Violation resource-un-symbol"}),
    Case("Resource", {"dcterms:isPartOf": "<id/resource/paper>"}, {"Violation resource-journal"}),
    Case("Attribution", {"escr:position": "0"}, {"Violation attribution-position"}),
    Case("Attribution", {"prov:agent": None}, {"Violation attribution-agent"}),
    Case("Journal", {"dcterms:title": None}, {"Violation journal-title"}),
    Case("Dataset", {"dcterms:title": None}, {"Violation dataset-title"}),
    Case("Dataset", {"dcterms:license": None}, {"Violation dataset-licence"}),
    Case("Dataset", {"dcterms:issued": '"2026"'}, {"Violation dataset-issued"}),
    Case("Dataset", {"dcat:version": None}, {"Violation dataset-version"}),
]
PEOPLE = [
    Case("Person", {"foaf:name": None}, {"Violation person-name"}),
    Case("Person", {"escr:publicRole": None}, {"Violation person-public-role"}),
    Case("Person", {"foaf:mbox": "<mailto:ana@example.org>"}, {"Violation person-mbox"}),
    Case("Person", {"schema:email": '"ana@example.org"'}, {"Violation person-email"}),
    Case("Person", {"foaf:phone": "<tel:+1-555>"}, {"Violation person-phone"}),
    Case("Person", {"schema:telephone": '"555"'}, {"Violation person-telephone"}),
    Case("Person", {"schema:birthDate": '"1980-01-01"^^xsd:date'}, {"Violation person-birth-date"}),
    Case("Person", {"schema:address": '"1 Main Street"'}, {"Violation person-address"}),
    Case("Organization", {"skos:prefLabel": '"SLUG"'}, {"Violation organization-name"}),
    Case("Organization", {"org:classification": None}, {"Violation organization-classification"}),
    Case("Organization", {"org:classification": "<id/right/food>"}, {"Violation organization-classification"}),
    good(
        "Organization",
        {"org:classification": None, "escr:country": None, "escr:recordStatus": "<id/scheme/record-status/name-only>"},
    ),
    Case("Organization", {"escr:country": None}, {"Info organization-country-expected"}),
    good("Organization", {"escr:country": None, "org:classification": "<id/scheme/organization-type/un-body>"}),
    Case("Organization", {"escr:country": "<id/region/americas>"}, {"Violation organization-country"}),
    Case("Organization", {"foaf:homepage": "<ftp://example.org/>"}, {"Violation organization-homepage"}),
    Case("Organization", {"escr:acronym": '"CESR"@en'}, {"Violation organization-acronym"}),
    Case(
        "Organization",
        {},
        {"Warning organization-name-shared"},
        '<id/organization/SLUG-again> a org:Organization ; skos:prefLabel "SLUG"@en .',
    ),
    Case(
        "Organization",
        {"org:hasMembership": "<id/organization/SLUG/membership/publisher>"},
        {"Violation organization-membership"},
        "<id/organization/SLUG/membership/publisher> a org:Membership ; org:member <id/organization/SLUG> .",
    ),
    Case("Membership", {"org:role": None}, {"Violation membership-role"}),
    Case("Membership", {"org:member": "<id/person/ana-paz>"}, {"Violation membership-member"}),
    Case("Membership", {"escr:since": '"2013"^^xsd:gYear'}, {"Violation membership-since"}),
]
VOCABULARY = [
    Case("Method", {"skos:prefLabel": None}, {"Violation method-label", "Warning method-label-languages"}),
    Case("Method", {"skos:prefLabel": '"Name"@en'}, {"Warning method-label-languages"}),
    Case("Method", {"skos:definition": None}, {"Violation method-definition"}),
    Case("Method", {"skos:broader": "<id/method/SLUG>"}, {"Warning method-broader-acyclic"}),
    Case(
        "Method",
        {"skos:broader": "<id/method/SLUG-up>"},
        {"Warning method-broader-acyclic"},
        "<id/method/SLUG-up> a escr:Method ; skos:broader <id/method/SLUG> .",
    ),
    Case("Method", {"escr:suits": "<id/right/food>"}, {"Violation method-suits"}),
    Case(
        "Method",
        {"escr:step": "<id/method/SLUG/step/1>"},
        {"Violation method-step"},
        "<id/method/SLUG/step/1> a escr:MethodStep ; escr:stepNumber 1 .",
    ),
    Case("MethodStep", {"escr:stepNumber": None}, {"Violation step-number"}),
    Case(
        "MethodStep",
        {"escr:stepNumber": "3"},
        {"Warning step-number-gap"},
        "<id/method/SLUG> escr:step <id/method/SLUG/step/1> , <id/method/SLUG/step/2> ."
        " <id/method/SLUG/step/2> escr:stepNumber 1 .",
    ),
    Case("Right", {"skos:prefLabel": '"Name"@en , "Nombre"@es , "Nom"@fr'}, {"Warning right-label-languages"}),
    Case("Right", {"escr:legalBasis": None}, {"Info right-legal-basis-expected"}),
    Case("Right", {"escr:legalBasis": "<id/resource/paper>"}, {"Violation right-legal-basis"}),
    Case("Right", {"skos:definition": None}, {"Violation right-definition"}),
    Case(
        "Obligation", {"skos:prefLabel": _TWO_EN}, {"Violation obligation-label", "Warning obligation-label-languages"}
    ),
    Case(
        "Country",
        {"skos:prefLabel": '"Name"@en , "Nombre"@es , "Nom"@fr , "Ism"@ar'},
        {"Warning label-script"},
    ),
    Case("Country", {"skos:prefLabel": '"Name"@en'}, {"Warning country-label-languages"}),
    Case("Country", {"escr:iso3": '"gtm"'}, {"Violation country-iso3"}),
    Case("Country", {"escr:iso3": '"QQQ"'}, {"Violation country-iso3"}, '<id/country/SLUG-again> escr:iso3 "QQQ" .'),
    Case("Country", {"escr:iso2": '"GTM"'}, {"Violation country-iso2"}),
    Case("Country", {"escr:m49": '"32"'}, {"Violation country-m49"}),
    Case("TreatyStatus", {"escr:treatyStatus": None}, {"Violation treaty-status-status"}),
    Case("TreatyStatus", {"escr:treaty": "<https://example.org/covenant>"}, {"Violation treaty-status-treaty"}),
    Case("TreatyStatus", {"dcterms:date": edtf("1988-05/1987")}, {"Violation treaty-status-date"}),
    Case("Region", {"skos:broader": "<id/country/gtm>"}, {"Violation region-broader"}),
    Case("Region", {"skos:prefLabel": '"Name"@en'}, {"Warning region-label-languages"}),
    Case("Indicator", {"skos:prefLabel": None}, {"Violation indicator-label"}),
    Case("ConceptScheme", {"skos:prefLabel": None}, {"Violation scheme-label"}),
    Case("Concept", {"skos:inScheme": None}, {"Violation concept-scheme"}),
    Case("Concept", {"skos:prefLabel": '"Ism"@ar'}, {"Warning label-script"}),
    Case("LegalProvision", {"skos:notation": '"1"@en'}, {"Violation provision-notation"}),
]
ACTIVITY = [
    Case("Discussion", {"dcterms:type": None}, {"Violation discussion-type"}),
    Case("Discussion", {"dcterms:date": None}, {"Warning discussion-date-expected"}),
    Case("Discussion", {"dcterms:date": edtf("2013-09-17/2013-09-16")}, {"Violation discussion-date"}),
    good("Discussion", {"dcterms:date": edtf("XXXX-10-24/XXXX-10-25")}),
    Case(
        "Discussion",
        {"sioc:container_of": "<id/discussion/SLUG/post/1>"},
        {"Violation discussion-post"},
        "<id/discussion/SLUG/post/1> a sioc:Post .",
    ),
    Case("Post", {"dcterms:description": '"No language."'}, {"Violation post-text"}),
    Case("Post", {"dcterms:date": None}, {"Violation post-date"}),
    Case("Post", {"dcterms:creator": "<id/country/gtm>"}, {"Violation post-author"}),
    Case("Discussion", {"escr:moderator": None}, {"Warning discussion-organizer-expected"}),
    good("Discussion", {"escr:moderator": None, "escr:participant": "<id/organization/cesr>"}),
    Case("Update", {"dcterms:type": "<id/scheme/discussion-kind/webinar>"}, {"Violation update-type"}),
    Case("Update", {"dcterms:date": None}, {"Warning update-date-expected"}),
    Case("Update", {"schema:validThrough": '"2013"'}, {"Violation update-valid-through"}),
    Case("Update", {"schema:about": "<https://example.org/else>"}, {"Violation update-about"}),
    Case("Opportunity", {"schema:validThrough": None}, {"Warning opportunity-deadline-expected"}),
    Case("Opportunity", {"schema:validThrough": '"2999"'}, {"Violation opportunity-valid-through"}),
    Case("Opportunity", {"schema:validThrough": '"2013-12-02"^^xsd:date'}, {"Info opportunity-deadline-passed"}),
]
CHAIN = [
    *(
        Case("Finding", {name: None}, {f"Violation finding-{shape}"})
        for name, shape in {
            "rdfs:label": "label",
            "escr:country": "country",
            "escr:usesMethod": "method",
            "escr:standing": "standing",
            "escr:establishes": "deprivation",
            "escr:evidence": "evidence",
            "escr:verified": "verified",
            "dcterms:source": "source",
        }.items()
    ),
    Case(
        "Finding",
        {"escr:standing": _JUDGED},
        {"Violation finding-standing", "Warning finding-forum-expected"},
    ),
    good(
        "Finding",
        {"escr:standing": _JUDGED, "escr:followedBy": "<id/finding/case/consequence/1>", "escr:forum": '"Court"'},
    ),
    Case(
        "Finding",
        {"escr:standing": _JUDGED, "escr:followedBy": "<id/finding/case/consequence/1>"},
        {"Warning finding-forum-expected"},
    ),
    Case(
        "Finding",
        {"escr:country": "<id/country/SLUG>"},
        {"Warning finding-country-agrees"},
        "<id/country/SLUG> a escr:Country .",
    ),
    Case(
        "Finding",
        {"escr:evidence": "<id/finding/SLUG/evidence/1>"},
        {"Violation finding-evidence"},
        '<id/finding/SLUG/evidence/1> a escr:Evidence ; dcterms:title "Report" .',
    ),
    # Advice on a part is no fault of the record that holds it.
    good(
        "Finding",
        {"escr:evidence": "<id/finding/SLUG/evidence/1>"},
        '<id/finding/SLUG/evidence/1> a escr:Evidence ; dcterms:title "Report" ;'
        " dcterms:source <https://example.org/seen> .",
    ),
    Case(
        "Finding",
        {"escr:establishes": "<id/finding/SLUG/deprivation>"},
        {"Violation finding-deprivation"},
        '<id/finding/SLUG/deprivation> a escr:Deprivation ; dcterms:description "No food."@en ;'
        " escr:right <id/right/all-escr> ; escr:attributedTo <id/finding/case/failure> .",
    ),
    Case("Deprivation", {"escr:right": None}, {"Violation deprivation-right"}),
    Case("Deprivation", {"escr:right": "<id/right/all-escr>"}, {"Violation deprivation-right"}),
    Case("Deprivation", {"escr:attributedTo": None}, {"Violation deprivation-failure"}),
    Case("Deprivation", {"escr:period": None}, {"Warning deprivation-period-expected"}),
    Case("Deprivation", {"escr:period": edtf("2009/1996")}, {"Violation deprivation-period"}),
    Case("Deprivation", {"escr:populationGroup": None}, {"Warning deprivation-group-expected"}),
    Case("Deprivation", {"dcterms:description": None}, {"Violation deprivation-description"}),
    Case("Observation", {"escr:indicator": None}, {"Violation observation-indicator"}),
    Case("Observation", {"escr:unit": None}, {"Violation observation-value"}),
    Case("Observation", {"escr:value": None}, {"Violation observation-unit", "Info observation-value-expected"}),
    Case("Observation", {"escr:value": None, "escr:unit": None}, {"Info observation-value-expected"}),
    Case("Observation", {"escr:value": "143.4"}, {"Violation observation-value"}),
    Case("Observation", {"escr:value": '"43"'}, {"Violation observation-value"}),
    good("Observation", {"escr:value": "143.4", "escr:unit": "<id/scheme/unit/percent-increase>"}),
    Case(
        "Observation",
        {"escr:value": "3.0", "escr:unit": "<id/scheme/unit/children>"},
        {"Warning observation-small-group"},
    ),
    good("Observation", {"escr:value": "3.0", "escr:unit": "<id/scheme/unit/times>"}),
    Case("Observation", {"escr:qualifier": '"about"'}, {"Violation observation-qualifier"}),
    Case("PolicyFailure", {"escr:breaches": None}, {"Violation failure-obligation"}),
    Case("PolicyFailure", {"escr:committedBy": None}, {"Violation failure-institution"}),
    Case("PolicyFailure", {"escr:committedBy": "<id/person/ana-paz>"}, {"Violation failure-institution"}),
    Case("PolicyFailure", {"escr:breaches": "<id/method/opera>"}, {"Violation failure-obligation"}),
    Case("Evidence", {"dcterms:title": None}, {"Violation evidence-title"}),
    Case("Evidence", {"dcterms:source": None}, {"Violation evidence-source"}),
    Case("Evidence", {"foaf:page": None}, {"Warning evidence-page-expected"}),
    Case(
        "Evidence",
        {"foaf:page": "<doc/resource/paper>"},
        {"Warning evidence-page-elsewhere"},
        "<id/finding/SLUG> escr:evidence <id/finding/SLUG/evidence/1> .",
    ),
    Case("Consequence", {"dcterms:description": None}, {"Violation consequence-description"}),
    Case("Consequence", {"dcterms:date": None}, {"Info consequence-date-expected"}),
    Case("Consequence", {"dcterms:date": edtf("2013-05/2013-04")}, {"Violation consequence-date"}),
    Case("Consequence", {"escr:by": "<id/person/ana-paz>"}, {"Violation consequence-by"}),
]
CASES = [*RESOURCES, *PEOPLE, *VOCABULARY, *ACTIVITY, *CHAIN]
