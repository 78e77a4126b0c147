"""Where the files that ship with escrgraph are: ontology, shapes, data and queries."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_PARTS = ("ontology", "shapes", "data", "queries")


class MissingFiles(FileNotFoundError):
    """A shipped file or folder is not where it should be; the text says where it was looked for."""


def root() -> Path:
    """The folder that holds `ontology/`, `shapes/`, `data/` and `queries/`: inside a wheel, else the project."""
    inside = _PACKAGE / "shipped"
    return inside if inside.is_dir() else _PACKAGE.parent.parent


def path(name: str) -> Path:
    """The shipped file or folder of that name, such as "ontology/context.jsonld". Raises MissingFiles."""
    if Path(name).parts[:1] not in {(part,) for part in _PARTS} or ".." in Path(name).parts:
        raise MissingFiles(f"{name} is not a shipped file: names begin with {', '.join(_PARTS)}.")
    found = root() / name
    if not found.exists():
        raise MissingFiles(
            f"{name} is missing: looked for {found}. Install escrgraph again, or run it from its project."
        )
    return found


def ontology_files() -> list[Path]:
    """The vocabulary's Turtle files, rules not among them, in order of name."""
    return _files("ontology", "*.ttl")


def shape_files() -> list[Path]:
    """The SHACL shapes, in order of name."""
    return _files("shapes", "*.ttl")


def data_files() -> list[Path]:
    """The library itself, one file a named graph, in order of name."""
    return _files("data", "*.ttl")


def query_files() -> list[Path]:
    """All queries with those behind pages, in order of path; without the forms of these for other engines."""
    return sorted([*_files("queries", "*.rq"), *_files("queries", "*/*.rq")])


def rule_files() -> list[Path]:
    """The rules behind `graph/inferred`, in order of name."""
    return _files("ontology", "rules/*.rq")


def _files(part: str, pattern: str) -> list[Path]:
    return sorted(path(part).glob(pattern))
