"""The reception: what is needed to take in a submission, opened when the first one comes."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from escrgraph.curation import advice
from escrgraph.curation.checking import Checks
from escrgraph.curation.duplicates import Duplicates
from escrgraph.curation.forms import Question
from escrgraph.curation.submissions import Filter, Submissions
from escrgraph.repository.errors import WrongStore
from escrgraph.service import Service
from escrgraph.validation import Report
from escrgraph.vocabulary.fields import Field
from escrgraph.vocabulary.lexicon import Lexicon
from escrgraph.web.desks import Desks
from escrgraph.web.known import Known


class Reception:
    """Takes in submissions for a service."""

    def __init__(self, service: Service, desks: Desks) -> None:
        self._service = service
        self._desks = desks
        self.known = Known(service)

    @property
    def checks(self) -> Checks:
        """Checks against what is published. Raises Declined for a plain store, which has no shapes gate."""
        return self._desks.get().checks

    @property
    def submissions(self) -> Submissions:
        """The submissions of this repository."""
        return self._desks.get().submissions

    def lexicon(self, field: Field) -> Lexicon | None:
        """The names of the entries that a field may have."""
        return self.known.lexicon(field)

    def duplicates(self) -> Duplicates:
        """The signs of all records."""
        return self.known.duplicates()

    def resolve(self, question: Question, text: str) -> str | None:
        """The entry that somebody named; None where none or several have that name."""
        lexicon = self.known.lexicon(question.field)
        found = lexicon.named(text) if lexicon else []
        return found[0] if len(found) == 1 else None

    def name(self, iri: str, language: str) -> str:
        """What an entry is called."""
        return self.known.name(iri, language)

    def title(self, record: str, language: str) -> str:
        """What a record ("type/slug") is called."""
        return self.known.name(self._service.base.record_iri(record), language)

    def has(self, record: str) -> bool:
        """Whether there is such a record now."""
        return self.known.has(record)

    def taken(self, record: str) -> bool:
        """Whether a record has, had, or may get this address."""
        generation = self._service.pages.generation()
        return self.has(record) or self._past(record, generation) or self.submissions.count(Filter(record=record)) > 0

    def _past(self, record: str, generation: int) -> bool:
        with suppress(WrongStore), self._service.log() as log:
            return log.last_change(record, generation) is not None
        return False  # a plain store has no log, and so no past

    def advised(self, report: Report) -> Report:
        """The report with the entries that may have been meant."""
        advise = partial(advice.advised, kinds=self._service.kinds, base=self._service.base, lexicon_of=self.lexicon)
        return advise(report)
