"""EDTF dates: what is read, which days they span, what is refused with a sentence."""

from __future__ import annotations

import calendar
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escrgraph.vocabulary.edtf import BadDate, parse

SPANS = [
    ("2013", "2013-01-01", "2013-12-31"),
    ("2013-09", "2013-09-01", "2013-09-30"),
    ("2016-02", "2016-02-01", "2016-02-29"),
    ("2013-09-05", "2013-09-05", "2013-09-05"),
    ("2013-09-05T10:30:00Z", "2013-09-05", "2013-09-05"),
    ("2013-09/2013-10", "2013-09-01", "2013-10-31"),
    ("2013-09-30/2013-10-02", "2013-09-30", "2013-10-02"),
    ("199X", "1990-01-01", "1999-12-31"),
    ("19XX", "1900-01-01", "1999-12-31"),
    ("2004-XX", "2004-01-01", "2004-12-31"),
    ("2004-1X", "2004-10-01", "2004-12-31"),
    ("1985-04-XX", "1985-04-01", "1985-04-30"),
    ("1985-XX-XX", "1985-01-01", "1985-12-31"),
    ("199X-02-29", "1990-02-28", "1999-02-28"),
    ("XXXX", None, None),
    ("XXXX-03-05", None, None),
    ("1984?", "1984-01-01", "1984-12-31"),
    ("2004-06~", "2004-06-01", "2004-06-30"),
    ("2004-06-11%", "2004-06-11", "2004-06-11"),
    ("1985-04-12/..", "1985-04-12", None),
    ("1985/", "1985-01-01", None),
    ("../1985", None, "1985-12-31"),
    ("/1985-04", None, "1985-04-30"),
    ("2001-21", "2001-01-01", "2001-12-31"),
    ("Y170000002", None, None),
    ("-0044", None, None),
    ("000X", "0001-01-01", "0009-12-31"),
]

WRONG = [
    "", "in 2019", "2013-13", "2013-00", "2013-02-30", "2015-02-29", "13", "2013/2012", "2013-9", "2013-09-5", "../..",
    "/", "1X9X", "2013-25", "2001-21-05", "2013-09-05T25:00:00", "2013-09-05T10:00:00/2014", "-0000", "2013-02-3X",
    "2013--", "２０１３", "2013 ", "2013/2014/2015", "Y1",
]  # fmt: skip


@pytest.mark.parametrize(("text", "earliest", "latest"), SPANS)
def test_a_date_spans_its_first_and_last_possible_day(text, earliest, latest):
    found = parse(text)
    assert [d and d.isoformat() for d in (found.earliest, found.latest)] == [earliest, latest]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_date_is_refused_with_a_sentence(text):
    with pytest.raises(BadDate, match=r"“.*\.$"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "uncertain", "approximate"),
    [
        ("1984", False, False),
        ("1984?", True, False),
        ("1984~", False, True),
        ("1984%", True, True),
        ("1984?/..", True, False),
    ],
)
def test_the_marks_are_kept(text, uncertain, approximate):
    assert (parse(text).uncertain, parse(text).approximate) == (uncertain, approximate)


@given(st.dates())
def test_a_day_spans_itself(day: date):
    found = parse(day.isoformat())
    assert found.earliest == found.latest == day


@given(st.dates())
def test_the_less_is_known_the_wider_the_span(day: date):
    text = day.isoformat()
    spans = [
        parse(t)
        for t in (text, text[:9] + "X" if text[8] != "3" else text, text[:7], text[:4], text[:3] + "X", text[:2] + "XX")
    ]
    for narrow, wide in pairwise(spans):
        assert wide.earliest <= narrow.earliest <= narrow.latest <= wide.latest


@given(st.dates(), st.dates())
def test_an_interval_spans_from_its_start_to_its_end_and_never_backwards(one: date, other: date):
    first, last = sorted((one, other))
    found = parse(f"{first}/{last}")
    assert (found.earliest, found.latest) == (first, last)
    if first != last:
        with pytest.raises(BadDate, match="before it begins"):
            parse(f"{last}/{first}")


@given(st.integers(1, 9999), st.integers(1, 12))
def test_a_month_ends_on_its_last_day(year: int, month: int):
    found = parse(f"{year:04}-{month:02}")
    assert found.latest == date(year, month, calendar.monthrange(year, month)[1])


@given(st.text(alphabet="0123456789X-/.?~%TZ:Y", max_size=24))
def test_any_text_is_read_or_refused_and_never_spans_backwards(text: str):
    try:
        found = parse(text)
    except BadDate:
        return
    assert found.text == text
    if found.earliest and found.latest:
        assert found.earliest <= found.latest
