"""Languages: which one a reader gets, what stands in when a text lacks it, its direction and its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

import pycountry
from babel import Locale, UnknownLocaleError

LANGUAGES = ("en", "es", "fr", "ar")
AUTHORITY = "http://publications.europa.eu/resource/authority/language/"

_RIGHT_TO_LEFT = frozenset(
    ("ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi")
)
_RIGHT_TO_LEFT_SCRIPTS = frozenset(("adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"))
_RANGE = re.compile(r"(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)")
_QUALITY = re.compile(r"[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@lru_cache(maxsize=1024)
def fallbacks(language: str) -> tuple[str, ...]:
    """The languages to try for a text, best first: the one asked, its parents ("fr-CA" → "fr"), then English.

    What none of them serves is served by any language (labels.choose_label), in order of tag.
    """
    parts = language.lower().split("-")
    asked = ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return tuple(dict.fromkeys([*asked, "en"]))


def negotiate(parameter: str | None, accept_language: str | None, offers: Sequence[str] = LANGUAGES) -> str:
    """Choose the language of an answer (RFC 9110 section 12.5.4; lookup of RFC 4647 section 3.4).

    parameter: the value of `?lang=`; an unknown one is ignored. accept_language: the header as received.
    offers: what there is, best first; the first is the answer when nothing fits. "ar-EG,en;q=0.5" gives "ar".
    """
    if parameter and (found := _lookup(parameter, offers)):
        return found
    ranges = _ranges(accept_language or "")
    refused = {tag for tag, quality in ranges if quality == 0}
    for tag, quality in ranges:
        if quality > 0 and (found := _lookup(tag, [offer for offer in offers if offer not in refused])):
            return found
    return next((offer for offer in offers if offer not in refused), offers[0])


def _ranges(header: str) -> list[tuple[str, float]]:
    """The ranges of the header in order of quality; a malformed member is left out, as if not sent."""
    found = []
    for member in header.split(","):
        tag, _, rest = member.strip().partition(";")
        weight = _QUALITY.fullmatch(rest.strip()) if rest.strip() else None
        if _RANGE.fullmatch(tag.strip()) and (weight or not rest.strip()):
            found.append((tag.strip().lower(), float(weight[1]) if weight else 1.0))
    return sorted(found, key=lambda pair: -pair[1])


def _lookup(tag: str, offers: Sequence[str]) -> str | None:
    if tag == "*":
        return offers[0] if offers else None
    by_tag = {offer.lower(): offer for offer in offers}
    parts = tag.lower().split("-")
    candidates = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((by_tag[candidate] for candidate in candidates if candidate in by_tag), None)


@lru_cache(maxsize=1024)
def direction(tag: str | None) -> str:
    """The direction in which text of a language tag is read: "rtl" or "ltr"; its script decides when it is named."""
    subtags = (tag or "").lower().split("-")
    script = next((part for part in subtags[1:] if len(part) == 4 and part.isalpha()), None)
    right_to_left = script in _RIGHT_TO_LEFT_SCRIPTS if script else subtags[0] in _RIGHT_TO_LEFT
    return "rtl" if right_to_left else "ltr"


@cache
def language_name(tag: str, language: str) -> str:
    """The name of a language ("es") in an interface language ("fr": "espagnol"); the tag itself when it has none."""
    names = Locale.parse(language).languages
    for candidate in fallbacks(tag)[:-1] if tag.lower() != "en" else ("en",):
        try:
            wanted = str(Locale.parse(candidate, sep="-"))
        except (UnknownLocaleError, ValueError):
            wanted = candidate
        if name := names.get(wanted) or names.get(candidate):
            return str(name)
    return tag


@cache
def authority_tag(iri: str) -> str | None:
    """The language tag behind an IRI of the EU language authority (…/language/SPA gives "es"); None for others."""
    if not iri.startswith(AUTHORITY):
        return None
    code = iri.removeprefix(AUTHORITY).lower()
    found = pycountry.languages.get(alpha_3=code) if code.isalpha() and len(code) == 3 else None
    return str(getattr(found, "alpha_2", code)) if found else None


@cache
def authority_iri(tag: str) -> str | None:
    """The IRI of a language tag in the EU language authority ("es" gives …/language/SPA); None for unknown ones."""
    found = pycountry.languages.get(alpha_2=tag) if len(tag) == 2 else pycountry.languages.get(alpha_3=tag)
    return AUTHORITY + found.alpha_3.upper() if found is not None else None
