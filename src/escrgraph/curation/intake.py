"""The intake: what is found at another repository becomes submissions, and nothing is published unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from escrgraph.curation import differences, harvests
from escrgraph.curation.actors import HARVESTER
from escrgraph.curation.acts import begin, create
from escrgraph.curation.answers import MOST_VALUES, Answers, Text
from escrgraph.curation.arrivals import Arrival, Fate, Gone, Known, Outcome
from escrgraph.curation.checking import Checks
from escrgraph.curation.database import Database, now
from escrgraph.curation.duplicates import Match, Sign, signs_of
from escrgraph.curation.errors import NotNow, NotReady
from escrgraph.curation.harvests import Harvest, Harvests, Origin, Taken, key_of
from escrgraph.curation.kept import Submission, keep, read, revision
from escrgraph.curation.making import DERIVED, Making, Reading
from escrgraph.curation.mapping import Recipe, Said
from escrgraph.curation.proposals import Proposal, Purpose
from escrgraph.curation.slugs import free_slug
from escrgraph.curation.states import OPEN, State, Step
from escrgraph.curation.writing import Writer
from escrgraph.repository import faults
from escrgraph.repository.errors import OutOfMemory, OutOfTime
from escrgraph.repository.versions import Present
from escrgraph.validation import Problem
from escrgraph.validation.gate import MAX_IRI, MAX_LITERAL
from escrgraph.vocabulary.instants import EARLIEST, instant
from escrgraph.vocabulary.iris import Base
from escrgraph.vocabulary.kinds import Kinds
from escrgraph.vocabulary.languages import LANGUAGES
from escrgraph.vocabulary.namespaces import compact

FEW, SHARE = 20, 0.5
"""So many records, if they are so large a share of all, must not vanish at once without somebody saying so."""

PATIENCE = 60.0
"""Seconds that the check of one page may take."""

_ATTEMPTS = 3


class Losses(NotReady):
    """So much vanished from a source at once that somebody has to look first."""


@dataclass(slots=True)
class _Plan:
    """What is to be done about one arrival.

    open: the submission that brings it, which nobody decided yet; parting: one that would withdraw it.
    """

    arrival: Arrival
    known: Taken | None
    fate: Fate
    why: str = ""
    record: str = ""
    digest: str = ""
    content: frozenset[Quad] = frozenset()
    proposal: Proposal | None = None
    problems: tuple[Problem, ...] = ()
    open: Submission | None = None
    parting: Submission | None = None
    alike: tuple[Match, ...] = ()

    @property
    def remembered(self) -> bool:
        """Whether what the source says now is known from here on, so that it is no news the next time."""
        if self.fate in (Fate.SAME, Fate.BARRED):
            return bool(self.digest)
        return self.fate in (Fate.NEW, Fate.CHANGE, Fate.REVISED, Fate.KNOWN, Fate.ALIKE)

    @property
    def ended(self) -> bool:
        """Whether its end is known from here on: of a source that gives versions, those from before may come after."""
        told = self.fate is Fate.LEFT and self.arrival.gone and self.arrival.rank is not None
        return told or self.fate in (Fate.WITHDRAWAL, Fate.NOTED)


class Intake:
    """Takes in one source. harvest: how far it was read; origin: the address of the source; base: of its records."""

    def __init__(
        self,
        database: Database,
        checks: Checks,
        versions: Reading,
        making: Making,
        known: Known,
        kinds: Kinds,
        here: Base,
        harvest: Harvest,
        recipe: Recipe,
        there: Base,
    ) -> None:
        """here: where the addresses of our records begin; there: where those of the source do."""
        self._database, self._checks, self._versions, self._making = database, checks, versions, making
        self._library, self._kinds, self._here, self._there = known, kinds, here, there
        self._harvest, self._recipe = harvest, recipe
        self._harvests = Harvests(database)
        self._given: dict[str, str] = {}  # identifier -> record, of what this reading came by
        self._used: set[str] = set()

    def take(
        self, arrivals: Sequence[Arrival], since: str, position: str, *, whole: bool = False, losses: bool = False
    ) -> list[Outcome]:
        """Take in a page, in one transaction with the mark after it: since and position.

        whole: what this reading did not name is gone. losses: however much that is. Raises Losses.
        """
        found = [*_once(arrivals), *(self._vanished(arrivals, losses) if whole else ())]
        for attempt in range(1, _ATTEMPTS + 1):
            plans = self._plans(found)
            try:
                with self._database.writing() as connection:
                    for plan in plans:
                        self._carry_out(connection, plan)
                    alive = [plan.known.key for plan in plans if plan.known and not plan.arrival.gone]
                    harvests.seen(connection, self._harvest.source, self._harvest.run, alive)
                    faults.point("in-harvest")
                    harvests.advance(connection, self._harvest.source, since, position)
            except NotNow:  # a curator acted on one of the submissions meanwhile
                if attempt == _ATTEMPTS:
                    raise
            else:
                break
        return [Outcome(plan.arrival.identifier, plan.record, plan.fate, plan.why, plan.alike) for plan in plans]

    def _vanished(self, arrivals: Sequence[Arrival], losses: bool) -> list[Arrival]:
        unseen, all_ = self._harvests.unseen(self._harvest.source, self._harvest.run)
        named = {arrival.identifier for arrival in arrivals}
        gone = [identifier for identifier in unseen if identifier not in named]
        if len(gone) > FEW and len(gone) > SHARE * all_ and not losses:
            raise Losses(
                f"{len(gone):,} of {all_:,} records are there no longer, which may be a mistake of the source. Nothing "
                "was proposed about them. If they are really gone, run the same command again with --losses."
            )
        return [Gone(identifier) for identifier in gone]

    def _plans(self, arrivals: Sequence[Arrival]) -> list[_Plan]:
        known = self._harvests.taken(self._harvest.source, [arrival.identifier for arrival in arrivals])
        self._recall(arrivals)
        plans = [self._plan(arrival, known.get(arrival.identifier)) for arrival in arrivals]
        due = [plan for plan in plans if plan.fate is Fate.NEW]
        with self._versions() as versions:
            present = versions.present([plan.record for plan in due])
        for plan in due:
            self._propose(plan, present.get(plan.record))
        self._check([plan for plan in due if plan.proposal is not None])
        return plans

    def _recall(self, arrivals: Sequence[Arrival]) -> None:
        """Know what the records are called here that others lead to, where they may be called otherwise."""
        if self._here == self._there or self._recipe.form is not None:
            return
        objects = {quad.object.value for one in arrivals for quad in one.quads if isinstance(quad.object, NamedNode)}
        named = {self._there.record_iri(record) for iri in objects if (record := self._there.record_of(iri))}
        for identifier, one in self._harvests.taken(self._harvest.source, named - self._given.keys()).items():
            if one.record:
                self._give(identifier, one.record)

    def _plan(self, arrival: Arrival, known: Taken | None) -> _Plan:
        """What is to be done about an arrival, as far as it does not depend on what is published: else NEW."""
        if known is not None and known.barred:
            return _Plan(arrival, known, Fate.BARRED, "was erased here")
        record = known.record if known else ""
        if arrival.trouble or not 0 < len(arrival.identifier) <= MAX_IRI:
            why = arrival.trouble or "It has no identifier, or a very long one."
            return _Plan(arrival, known, Fate.TROUBLE, why, record)
        if known is not None and _is_older(arrival, known):
            return _Plan(arrival, known, Fate.SAME, record=record)
        if arrival.gone:
            return self._parted(arrival, known)
        digest = self._digest(arrival)
        if known is not None and known.digest == digest and not known.gone:
            return _Plan(arrival, known, Fate.SAME, record=record)
        try:
            record, content = self._written(arrival, known)
        except NotReady as error:
            return _Plan(arrival, known, Fate.TROUBLE, str(error), record)
        if record.partition("/")[0] not in self._recipe.types:
            return _Plan(arrival, known, Fate.LEFT, record=record)
        plan = _Plan(arrival, known, Fate.NEW, "", record, digest, content)
        plan.open, plan.parting = self._open(known)
        plan.problems = tuple(
            replace(problem, subject=self._here.rebase(problem.subject, self._there)) for problem in arrival.problems
        )
        return plan

    def _parted(self, arrival: Arrival, known: Taken | None) -> _Plan:
        """What is to be done about a record that the source holds no longer."""
        if known is None or known.gone:
            record, content = (known.record, known.content) if known else ("", frozenset[Quad]())
            return _Plan(arrival, known, Fate.LEFT, record=record, content=content)
        plan = _Plan(arrival, known, Fate.NOTED, "", known.record, "", known.content)
        plan.open, plan.parting = self._open(known)
        came = {state for _, state in self._harvests.submissions_of(self._harvest.source, known.record)}
        if plan.open is not None:
            plan.why = "gone at the source; said so on the submission that waits"
        elif came & {State.PUBLISHED.value, State.SUPERSEDED.value}:
            reason = f"It was withdrawn by the repository from which it was harvested: {arrival.identifier}"
            try:
                plan.proposal = self._making.withdrawal(known.record, reason)
                plan.fate = Fate.WITHDRAWAL
            except NotReady:
                plan.why = "gone at the source, and here"
        else:
            plan.why = "gone at the source; what is here did not come from there"
        return plan

    def _written(self, arrival: Arrival, known: Taken | None) -> tuple[str, frozenset[Quad]]:
        """An arrival as a record here. Raises NotReady when it cannot be one."""
        if self._recipe.form is None:
            return self._moved(arrival, known)
        said = arrival.values or _said(arrival)
        answers = self._recipe.answers(said, arrival.identifier)
        if answers.empty:
            raise NotReady("The mapping finds nothing in it.")
        _demand_few(answers)
        writer = Writer(self._recipe.form, self._kinds, self._here, self._library.resolve)
        kind = self._recipe.form.kind
        titles = (question.key for path in kind.label_properties if (question := self._recipe.form.asks(path)))
        title = next((text for key in titles if (text := answers.first(key))), "")
        record = (known.record if known else "") or self._given.get(arrival.identifier, "")
        record = record or self._give(arrival.identifier, self._free(kind.type or "", title))
        return record, frozenset(writer.write(answers, record).quads)

    def _moved(self, arrival: Arrival, known: Taken | None) -> tuple[str, frozenset[Quad]]:
        """A record of another escrgraph under our addresses, in the graph of its kind."""
        there = self._there.record_of(arrival.identifier)
        if there is None or self._there.record_iri(there) != arrival.identifier:
            raise NotReady(
                f"It is no record of an escrgraph at {self._there.iri}. Say where its addresses begin ([source] base) "
                "or what its fields become ([fields]) in a mapping."
            )
        type_ = there.partition("/")[0]
        if type_ not in self._kinds.by_type:
            return there, frozenset()
        record = (known.record if known else "") or self._record(there)
        kind = self._kinds.by_type[type_]
        graph = NamedNode(self._here.graph(kind.graph or kind.name.lower()))
        own = (
            Quad(self._ours(q.subject, there, record), q.predicate, self._ours(q.object, there, record), graph)
            for q in arrival.quads
            if isinstance(q.subject, NamedNode) and self._there.record_of(q.subject.value) == there
            if q.predicate not in DERIVED
        )
        return record, frozenset(own)

    def _record(self, there: str) -> str:
        """What a record of another escrgraph is called here; what was not taken yet is given its name now."""
        identifier, (type_, _, slug) = self._there.record_iri(there), there.partition("/")
        if self._here == self._there or type_ not in self._recipe.types:
            return there
        if identifier not in self._given:
            self._give(identifier, self._free(type_, slug) if self._is_taken(there) else there)
        return self._given[identifier]

    def _give(self, identifier: str, record: str) -> str:
        self._given[identifier] = record
        self._used.add(record)
        return record

    def _ours(self, node: Any, there: str, record: str) -> Any:
        """A term under our addresses; what belongs to a record goes where the record goes."""
        if not isinstance(node, NamedNode):
            return node
        named = self._there.record_of(node.value)
        if named is None:
            return NamedNode(self._here.rebase(node.value, self._there))
        goes = record if named == there else self._record(named)
        return NamedNode(self._here.record_iri(goes) + node.value[len(self._there.record_iri(named)) :])

    def _is_taken(self, record: str) -> bool:
        return record in self._used or self._library.taken(record)

    def _free(self, type_: str, title: str) -> str:
        return f"{type_}/{free_slug(title, lambda slug: self._is_taken(f'{type_}/{slug}'), type_)}"

    def _open(self, known: Taken | None) -> tuple[Submission | None, Submission | None]:
        """The submissions that bring and that withdraw a record, where nobody decided them yet."""
        if known is None or not known.submission:
            return None, None
        with self._database.reading() as connection:
            found = read(connection, known.submission)
        if found.state not in OPEN or found.record != known.record:
            return None, None
        return (None, found) if found.purpose is Purpose.WITHDRAWAL else (found, None)

    def _propose(self, plan: _Plan, present: Present | None) -> None:
        """Write the proposal of a plan, against what is published."""
        published = present.quads if present else frozenset[Quad]()
        if not plan.content:
            plan.fate, plan.why = Fate.TROUBLE, "It says nothing."
            return
        if present is not None and not published and plan.open is None and not (plan.known and plan.known.submission):
            plan.fate, plan.why = Fate.BARRED, "was withdrawn here"
            return
        waiting = self._waiting(plan.open, published)
        plan.content = _placed(plan.content, published)
        target = self._merged(plan, waiting if plan.open else published)
        added, removed = target - published, published - target
        if not (added or removed):
            plan.fate = Fate.KNOWN
            return
        if plan.open is not None and target == waiting:
            plan.fate = Fate.SAME
            return
        if not published and plan.open is None:
            signs = signs_of(plan.record, plan.content, self._here)
            plan.alike = tuple(self._library.duplicates().like(signs, but=plan.record))
            if self._recipe.telling and any(match.sign is not Sign.TITLE for match in plan.alike):
                plan.fate = Fate.ALIKE
                return
        plan.fate = Fate.REVISED if plan.open else Fate.CHANGE if published else Fate.NEW
        plan.proposal = Proposal(
            Purpose.CHANGE if published else Purpose.NEW,
            plan.record.partition("/")[0],
            plan.record,
            differences.title_of(plan.record, target, self._here),
            _language(target),
            present.number if present and published else None,
            tuple(sorted(added, key=str)),
            tuple(sorted(removed, key=str)),
        )

    def _waiting(self, open_: Submission | None, published: frozenset[Quad]) -> frozenset[Quad]:
        """The record as the submission that waits would make it, with what curators changed in that."""
        if open_ is None:
            return published
        with self._database.reading() as connection:
            proposal = revision(connection, open_.id, open_.revision).proposal
        return differences.applied(published, proposal.added, proposal.removed)

    def _merged(self, plan: _Plan, current: frozenset[Quad]) -> frozenset[Quad]:
        """What changed at the source, brought into what is here: what was changed here besides stays."""
        if not current:
            return plan.content
        before = plan.known.content if plan.known else frozenset[Quad]()
        before = _placed(before, current)
        change = Proposal(
            Purpose.CHANGE,
            plan.record.partition("/")[0],
            plan.record,
            "",
            added=tuple(plan.content - before),
            removed=tuple(before - plan.content),
        )
        based = differences.rebased(change, before, current, self._kinds, self._here)
        return differences.applied(current, based.added, based.removed)

    def _check(self, plans: list[_Plan]) -> None:
        """Hold proposals against the library, all together; one by one where that takes too long."""
        if not plans:
            return
        proposals = [plan.proposal for plan in plans if plan.proposal]
        added = [quad for proposal in proposals for quad in proposal.added]
        removed = [quad for proposal in proposals for quad in proposal.removed]
        try:
            problems = [problem for plan in plans for problem in plan.problems]
            report = self._checks.check(added, removed, problems, PATIENCE).report
        except (OutOfTime, OutOfMemory) as error:
            if len(plans) == 1:
                plans[0].fate, plans[0].why, plans[0].proposal = Fate.TROUBLE, str(error), None
                return
            middle = len(plans) // 2
            self._check(plans[:middle])
            self._check(plans[middle:])
            return
        for plan in plans:
            own = tuple(finding for finding in report.findings if finding.record == plan.record)
            if plan.proposal:
                plan.proposal = replace(plan.proposal, report=replace(report, findings=own, records=1).to_dict())

    def _carry_out(self, connection: Any, plan: _Plan) -> None:
        made = plan.known.submission if plan.known else ""
        if plan.fate in (Fate.NEW, Fate.CHANGE, Fate.WITHDRAWAL) and plan.proposal:
            submission, _ = create(connection, plan.proposal, HARVESTER, state=State.SUBMITTED)
            made = submission.id
            self._say_origin(connection, plan, made, 1)
        elif plan.fate is Fate.REVISED and plan.proposal and plan.open:
            self._revise(connection, plan, plan.open, plan.proposal)
        elif plan.fate is Fate.NOTED and plan.open:
            self._say(connection, plan.open, "The repository from which this was harvested holds the record no longer.")
        if plan.parting and not plan.arrival.gone and plan.fate is not Fate.TROUBLE:
            self._say(connection, plan.parting, "The repository from which this was harvested holds the record again.")
        if plan.remembered:
            self._remember(connection, plan, made, gone=False)
        elif plan.ended:
            self._remember(connection, plan, made, gone=True)

    def _say(self, connection: Any, submission: Submission, text: str) -> None:
        act = begin(connection, submission.id, Step.COMMENT, HARVESTER)
        act.say(text)
        act.finish()

    def _revise(self, connection: Any, plan: _Plan, open_: Submission, proposal: Proposal) -> None:
        number = open_.revision + 1
        act = begin(connection, open_.id, Step.RENEW, HARVESTER, open_.turn)
        keep(connection, open_.id, number, HARVESTER.account, proposal)
        act.set(revision=number, title=proposal.title, language=proposal.language, base=proposal.base)
        act.detail["revision"] = number
        act.finish()
        self._say_origin(connection, plan, open_.id, number)
        if open_.state is State.CHANGES_REQUESTED:
            again = begin(connection, open_.id, Step.SUBMIT, HARVESTER)
            again.set(sent=now())
            again.finish()

    def _say_origin(self, connection: Any, plan: _Plan, submission: str, number: int) -> None:
        arrival, source = plan.arrival, self._harvest.source
        origin = Origin(source, arrival.identifier, arrival.datestamp, self._recipe.name, datetime.now(UTC))
        harvests.add_origin(connection, submission, number, origin)

    def _remember(self, connection: Any, plan: _Plan, submission: str, *, gone: bool) -> None:
        arrival = plan.arrival
        one = Taken(
            key_of(arrival.identifier), arrival.identifier, plan.record, submission, arrival.datestamp, arrival.rank,
            plan.digest, plan.content, gone, barred=False,
        )  # fmt: skip
        harvests.keep(connection, self._harvest.source, self._harvest.run, one)

    def _digest(self, arrival: Arrival) -> str:
        """Of what the source said and of how it is read; not of what it becomes, which depends on what is here."""
        values = {
            name: [(said.text, said.language) for said in texts] for name, texts in sorted(arrival.values.items())
        }
        quads = sorted(f"{quad.subject} {quad.predicate} {quad.object}" for quad in arrival.quads)
        told = json.dumps([self._recipe.digest, arrival.identifier, values, quads], ensure_ascii=False)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _once(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The last of each record on a page, where a source repeats itself."""
    last = {arrival.identifier: arrival for arrival in arrivals}
    return [one for one in arrivals if not one.identifier or last[one.identifier] is one]


def _is_older(arrival: Arrival, known: Taken) -> bool:
    """Whether a version was taken already that is not before this one, from a source that gives versions."""
    if arrival.rank is None or known.rank is None:
        return False
    stamps = [instant(one.datestamp) or EARLIEST for one in (arrival, known)]
    return (stamps[0], arrival.rank) <= (stamps[1], known.rank)


def _demand_few(answers: Answers) -> None:
    """See that a record is of a size that people can look at. Raises NotReady."""
    for key, texts in answers.texts.items():
        longest = max((len(text.text) for text in texts), default=0)
        if longest > MAX_LITERAL or len(texts) > MOST_VALUES:
            raise NotReady(
                f"Its {key} has {len(texts):,} texts, the longest of {longest:,} characters; at most {MOST_VALUES} of "
                f"{MAX_LITERAL:,} characters are taken. Take less of it in the mapping (pattern)."
            )


def _said(arrival: Arrival) -> Mapping[str, Sequence[Said]]:
    """The values of an RDF record as texts by the name of their property, prefixed and in full."""
    found: dict[str, list[Said]] = {}
    for quad in arrival.quads:
        if quad.subject == NamedNode(arrival.identifier) and isinstance(quad.object, NamedNode | Literal):
            tag = quad.object.language if isinstance(quad.object, Literal) else None
            for name in {compact(quad.predicate.value), quad.predicate.value}:
                found.setdefault(name, []).append(Text(quad.object.value, tag or ""))
    return {name: sorted(texts, key=lambda said: (said.language, said.text)) for name, texts in found.items()}


def _placed(quads: Collection[Quad], published: Collection[Quad]) -> frozenset[Quad]:
    """The quads, each that is published in the graph where it stands."""
    there = {quad.triple: quad for quad in published}
    return frozenset(there.get(quad.triple, quad) for quad in quads)


def _language(quads: Collection[Quad]) -> str:
    """The language of most texts, of those that pages are in."""
    tags = [quad.object.language for quad in quads if isinstance(quad.object, Literal) and quad.object.language]
    known = [tag.partition("-")[0] for tag in tags]
    return max(LANGUAGES, key=lambda tag: (known.count(tag), tag == "en"))
