"""The tables in `data/tables/`, read as typed rows."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

TABLES = Path(__file__).resolve().parents[2] / "data" / "tables"
Many = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One row of a table: a field for each column; a list for a column whose cells are separated by semicolons."""

    @classmethod
    def read(cls, table: str, folder: Path = TABLES) -> list[Self]:
        """Read all rows of `{table}.csv`. Raises ValueError when its columns are not the ones that are expected."""
        path = folder / f"{table}.csv"
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            expected = [field.name for field in fields(cls)]
            if reader.fieldnames != expected:
                raise ValueError(
                    f"{path.name} has the columns {reader.fieldnames}; expected {expected}. Correct its first line."
                )
            return [cls(**{field.name: _cell(row[field.name], field.type) for field in fields(cls)}) for row in reader]


def _cell(value: str, kind: Any) -> str | Many:
    cell = value.strip()
    return tuple(part.strip() for part in cell.split(";") if part.strip()) if kind == "Many" else cell


@dataclass(frozen=True)
class Publication(Row):
    """A row of publications.csv."""

    slug: str
    title: str
    title_lang: str
    year: str
    type: str
    creators: Many
    publishers: Many
    languages: Many
    rights: Many
    methods: Many
    countries: Many
    regions: Many
    doi: Many
    isbn: Many
    url: str
    source_url: str
    summary: str
    summary_lang: str


@dataclass(frozen=True)
class Organization(Row):
    """A row of organizations.csv."""

    slug: str
    name: str
    acronym: str
    type: str
    country: str
    url: str
    roles: Many
    member_since: str
    source_url: str
    summary: str


@dataclass(frozen=True)
class Alias(Row):
    """A row of aliases.csv: a name on a publication and the organization that it means."""

    alias: str
    slug: str


@dataclass(frozen=True)
class Discussion(Row):
    """A row of discussions.csv."""

    slug: str
    date: str
    title: str
    kind: str
    moderators: Many
    participants_orgs: Many
    countries: Many
    rights: Many
    methods: Many
    url: str
    source_url: str
    summary: str


@dataclass(frozen=True)
class Update(Row):
    """A row of updates.csv."""

    slug: str
    date: str
    kind: str
    title: str
    orgs: Many
    rights: Many
    methods: Many
    countries: Many
    url: str
    source_url: str
    summary: str


@dataclass(frozen=True)
class Method(Row):
    """A row of methods.csv."""

    code: str
    label_en: str
    label_es: str
    label_fr: str
    broader: str
    definition_en: str
    developed_by: Many
    first_described: str
    source_url: str


@dataclass(frozen=True)
class Right(Row):
    """A row of rights.csv."""

    code: str
    label_en: str
    label_es: str
    label_fr: str
    label_ar: str
    icescr_article: str
    broader: str
    general_comments: Many
    definition_en: str
    source_url: str


@dataclass(frozen=True)
class Finding(Row):
    """A row of findings.csv: one accountability chain."""

    slug: str
    country: str
    right: str
    population_group: str
    period: str
    deprivation: str
    indicator: str
    qualifier: str
    value: str
    unit: str
    policy_failure: str
    obligation: Many
    responsible_institution: Many
    responsible_org: Many
    method_codes: Many
    standing: str
    forum: str
    decided_on: str
    case_title: str
    outcome: str
    evidence_title: str
    evidence_url: str
    source_url: str
    verified: str


@dataclass(frozen=True)
class Party(Row):
    """A row of icescr_parties.csv."""

    alpha3: str
    status: str
    ratified_or_acceded: str
    op_icescr: str
    source_url: str
    as_of: str
    op_source_url: str
    op_as_of: str


@dataclass(frozen=True)
class Area(Row):
    """A row of un_m49.csv: a country or area under its name in the United Nations."""

    m49: str
    alpha3: str
    un_short_name_en: str
    un_short_name_es: str
    un_short_name_fr: str
    un_short_name_ar: str
    region: str
    subregion: str
    intermediate: str
    source: str


@dataclass(frozen=True)
class Region(Row):
    """A row of un_m49_regions.csv."""

    m49: str
    broader: str
    name_en: str
    name_es: str
    name_fr: str
    name_ar: str
    source: str


@dataclass(frozen=True)
class IsoCountry(Row):
    """A row of iso3166.csv."""

    alpha3: str
    alpha2: str
    numeric: str
    name_en: str
    name_es: str
    name_fr: str
    name_ar: str
    common_name_en: str
    source: str


@dataclass(frozen=True)
class Journal(Row):
    """A row of journals.csv: a name among the publishers that is a journal."""

    name: str
    slug: str
    language: str


def pairs(table: str, folder: Path = TABLES) -> dict[str, str]:
    """Read a table of two columns as a mapping from the first to the second."""
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {key.strip(): value.strip() for key, value in rows}


class Library:
    """All tables, each read once."""

    def __init__(self, folder: Path = TABLES) -> None:
        self.publications = Publication.read("publications", folder)
        self.organizations = Organization.read("organizations", folder)
        self.discussions = Discussion.read("discussions", folder)
        self.updates = Update.read("updates", folder)
        self.methods = Method.read("methods", folder)
        self.rights = Right.read("rights", folder)
        self.findings = Finding.read("findings", folder)
        self.parties = Party.read("icescr_parties", folder)
        self.areas = Area.read("un_m49", folder)
        self.regions = Region.read("un_m49_regions", folder)
        self.iso_countries = IsoCountry.read("iso3166", folder)
        self.journals = Journal.read("journals", folder)
        self.aliases = pairs("aliases", folder)
        self.name_languages = pairs("name_languages", folder)
        self.languages = pairs("languages", folder)
        self.forums = pairs("forums", folder)
        self.consequence_kinds = pairs("consequence_kinds", folder)
        self.sdg_goals = pairs("sdg_links", folder)
