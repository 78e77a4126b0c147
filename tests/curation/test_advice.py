"""Advice: the entry that may have been meant, told in a sentence of each language."""

from __future__ import annotations

from pyoxigraph import Literal
from tests.curation.test_forms import BASE, ID
from tests.validation.test_referee import RESOURCE, quads

from escrgraph.curation.advice import advised
from escrgraph.validation import Referee, Report, shipped_library
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.kinds import shipped_kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.lexicon import Lexicon

FOOD, WORK = ID + "right/food", ID + "right/work"
NAMES = [
    (FOOD, Literal("Right to adequate food", language="en")),
    (FOOD, Literal("Derecho a la alimentación", language="es")),
    (FOOD, Literal("Droit à l’alimentation", language="fr")),
    (FOOD, Literal("الحق في الغذاء", language="ar")),
    (WORK, Literal("Right to work", language="en")),
]


def lexicon_of(field: Field) -> Lexicon | None:
    return Lexicon(NAMES) if field.name == "subject" else None


def report(old: str, new: str) -> Report:
    assert old in RESOURCE
    found = Referee().check(quads(RESOURCE.replace(old, new)), shipped_library())
    return advised(found, shipped_kinds(), BASE, lexicon_of)


def test_the_nearest_entry_is_suggested_in_each_language():
    told = next(f for f in report(f"<{FOOD}>", '"Right to adequate fod"').findings if f.suggestions)
    assert told.suggestions[0] == FOOD
    assert told.messages["en"].endswith("Did you mean “Right to adequate food”?")
    assert "¿Quiso decir “Derecho a la alimentación”" in told.messages["es"]
    assert "Droit à l’alimentation" in told.messages["fr"]
    assert "هل تقصد “الحق في الغذاء”" in told.messages["ar"]
    for language in LANGUAGES:
        assert not any(sign in told.messages[language] for sign in ("http", "Literal(", "sh:", "dcterms:"))


def test_a_mistyped_code_is_corrected_too():
    told = next(f for f in report("right/food", "right/fod").findings if f.suggestions)
    assert told.suggestions[0] == FOOD


def test_nothing_is_suggested_where_nothing_is_near_or_the_field_takes_no_entries():
    assert not any(f.suggestions for f in report(f"<{FOOD}>", '"Zzzzzz qqqq"').findings)
    assert not any(f.suggestions for f in report('"A new guide"@en', '"A new guide"').findings)
