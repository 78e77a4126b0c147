"""Dates and numbers as people read them, a row for each form of EDTF levels 0 and 1 in four languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.vocabulary.edtf import BadDate, parse
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.readable import readable_date, readable_number

DATES = {
    "2014": ("2014", "2014", "2014", "2014"),
    "2014-03": ("March 2014", "marzo de 2014", "mars 2014", "مارس 2014"),
    "2014-03-05": ("5 March 2014", "5 de marzo de 2014", "5 mars 2014", "5 مارس 2014"),
    "1998~": ("about 1998", "hacia 1998", "vers 1998", "نحو 1998"),
    "2010?": ("2010 (uncertain)", "2010 (fecha incierta)", "2010 (date incertaine)", "2010 (تاريخ غير مؤكد)"),
    "2010%": (
        "about 2010 (uncertain)", "hacia 2010 (fecha incierta)", "vers 2010 (date incertaine)",
        "نحو 2010 (تاريخ غير مؤكد)",
    ),
    "199X": ("the 1990s", "década de 1990", "années 1990", "عقد 1990"),
    "19XX": ("between 1900 and 1999", "entre 1900 y 1999", "entre 1900 et 1999", "بين 1900 و1999"),
    "2003/2010": ("from 2003 to 2010", "de 2003 a 2010", "de 2003 à 2010", "من 2003 إلى 2010"),
    "2014-01-27/2014-01-28": (
        "27–28 January 2014", "27–28 de enero de 2014", "27–28 janvier 2014", "من 27 إلى 28 يناير 2014",
    ),
    "2014-01-27/2014-02-03": (
        "from 27 January 2014 to 3 February 2014", "del 27 de enero de 2014 al 3 de febrero de 2014",
        "du 27 janvier 2014 au 3 février 2014", "من 27 يناير 2014 إلى 3 فبراير 2014",
    ),
    "2013/..": ("since 2013", "desde 2013", "depuis 2013", "منذ 2013"),
    "../2013": ("until 2013", "hasta 2013", "jusqu’à 2013", "حتى 2013"),
    "2013/": (
        "from 2013, end not known", "desde 2013, final desconocido", "à partir de 2013, fin inconnue",
        "من 2013، والنهاية غير معروفة",
    ),
    "XXXX-09-26": (
        "26 September, year not known", "26 de septiembre, año desconocido", "26 septembre, année inconnue",
        "26 سبتمبر، والسنة غير معروفة",
    ),
    "XXXX-09-26/XXXX-09-27": (
        "26–27 September, year not known", "26–27 de septiembre, año desconocido", "26–27 septembre, année inconnue",
        "من 26 إلى 27 سبتمبر، والسنة غير معروفة",
    ),
    "2004-06-XX": ("June 2004, day not known", "junio de 2004, día desconocido", "juin 2004, jour inconnu",
                   "يونيو 2004، واليوم غير معروف"),
    "2004-XX": ("2004, month not known", "2004, mes desconocido", "2004, mois inconnu", "2004، والشهر غير معروف"),
    "2014-21": ("spring 2014", "primavera de 2014", "printemps 2014", "ربيع 2014"),
    "XXXX": ("year not known", "año desconocido", "année inconnue", "السنة غير معروفة"),
    "-0044": ("44 BCE", "44 a. e. c.", "44 av. è. c.", "44 ق.ح.ع"),
    "Y170000": ("170000", "170000", "170000", "170000"),
    "2014-03-05T10:11:12Z": (
        "5 March 2014, 10:11 UTC", "5 de marzo de 2014, 10:11 UTC", "5 mars 2014, 10:11 UTC", "5 مارس 2014، 10:11 UTC",
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", DATES)
def test_a_date_is_written_in_words(text: str) -> None:
    assert tuple(readable_date(text, language) for language in LANGUAGES) == DATES[text]


def test_a_language_that_has_no_words_is_answered_in_english() -> None:
    assert readable_date("2014-03", "sw") == "March 2014"
    assert readable_number("1234.5", "sw") == "1,234.5"


@given(st.text(max_size=12))
def test_what_is_no_date_comes_back(text: str) -> None:
    try:
        parse(text)
    except BadDate:
        assert readable_date(text, "en") == text


YEARS = st.one_of(
    st.from_regex(r"[12]\d{3}", fullmatch=True), st.sampled_from(["XXXX", "199X", "20XX", "-0044", "0000"])
)
POINTS = st.tuples(
    YEARS, st.sampled_from(["", "-01", "-12", "-XX", "-24", "-02-29", "-06-XX", "-XX-XX"]), st.sampled_from("?~% ")
)


@given(POINTS, POINTS, st.sampled_from(LANGUAGES))
def test_every_date_that_there_is_can_be_read(
    first: tuple[str, str, str], last: tuple[str, str, str], language: str
) -> None:
    ends = ["".join(part).strip() for part in (first, last)]
    for text in (*ends, "/".join(ends), f"{ends[0]}/..", f"../{ends[0]}", f"/{ends[0]}", f"{ends[0]}/"):
        try:
            parse(text)
        except BadDate:
            continue
        said = readable_date(text, language)
        assert said
        assert "X" not in said, text
        assert ".." not in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("20", ("20", "20", "20", "20")),
        ("1234567.50", ("1,234,567.5", "1.234.567,5", "1\u202f234\u202f567,5", "1,234,567.5")),
        ("0.0001", ("0.0001", "0,0001", "0,0001", "0.0001")),
        ("-3", ("-3", "-3", "-3", "-3")),
        ("NaN", ("NaN",) * 4),
        ("twelve", ("twelve",) * 4),
        ("9" * 60, ("9" * 60,) * 4),
    ],
)
def test_a_number_is_grouped_and_keeps_its_digits(text: str, shown: tuple[str, ...]) -> None:
    found = tuple(readable_number(text, language) for language in LANGUAGES)
    # The mark that Arabic puts before a minus says on which side it stands.
    assert tuple(number.replace("\u200e", "").replace("\u061c", "") for number in found) == shown
