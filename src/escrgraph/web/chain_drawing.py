"""The accountability chain drawn: boxes, arrows and lettering, for wide and narrow screens and either direction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from escrgraph.vocabulary.labels import Label
from escrgraph.vocabulary.languages import direction
from escrgraph.web.chain import Chain, Line, Link, Role
from escrgraph.web.lettering import wrap

_PAD, _BAR, _RADIUS = 16.0, 5.0, 8.0
_HEAD, _LETTER = 13.0, 15.0
_LEADING = 1.4
_SIZES = {Role.FIGURE: 25.0, Role.TEXT: _LETTER, Role.NAME: 16.0, Role.NOTE: 13.5}
_WIDE, _COLUMN = 1096.0, 296.0
_NARROW = 310.0
_ROW_GAP, _STEP = 58.0, 46.0


@dataclass(frozen=True, slots=True)
class Text:
    """One line of lettering. x, y: where its first letter stands on its baseline, whichever its direction."""

    x: float
    y: float
    text: str
    role: str
    language: str | None
    direction: str
    href: str | None = None
    external: bool = False
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Box:
    """One link of the chain. bar: the left edge of the stripe where the box begins."""

    name: str
    x: float
    y: float
    width: float
    height: float
    bar: float
    texts: tuple[Text, ...]
    missing: bool
    contrary: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """The way from one link to the next. path, head: SVG path data."""

    path: str
    head: str
    contrary: bool
    missing: bool
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole drawing. name: "wide" or "narrow"."""

    name: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def drawings(chain: Chain, language: str, missing: str) -> tuple[Drawing, ...]:
    """The chain for wide and for narrow screens.

    language: of the reader; it decides on which side the chain begins. missing: what a link says that is not recorded.
    """
    return (_Wide(chain, language, missing).drawing(), _Narrow(chain, language, missing).drawing())


class _Layout:
    """Places links in a drawing as if read from left to right, and mirrors them for the other direction."""

    def __init__(self, chain: Chain, language: str, missing: str, width_: float) -> None:
        self._chain, self._language, self._missing, self._width = chain, language, missing, width_
        self._mirrored = direction(language) == "rtl"

    def _box(self, link: Link, x: float, y: float, room: float, height: float) -> Box:
        left = self._width - x - room if self._mirrored else x
        bar = left + room - _BAR if self._mirrored else left
        texts = tuple(self._texts(link, left, y, room))
        return Box(link.name, left, y, room, height, bar, texts, link.missing, link.contrary)

    def _height(self, link: Link, room: float) -> float:
        lines = self._lines(link, room - 2 * _PAD - _BAR)
        return 2 * _PAD + _HEAD * _LEADING + sum(size * _LEADING + gap for _, size, gap in lines)

    def _texts(self, link: Link, left: float, y: float, room: float) -> Iterator[Text]:
        """The lettering of a box, each line where the reader's language begins, in its own direction."""
        begins = left + room - _BAR - _PAD if self._mirrored else left + _BAR + _PAD
        baseline = y + _PAD + _HEAD
        head = Text(0, 0, link.label.text, "head", link.label.language, self._way(link.label.language))
        yield self._placed(head, begins, baseline)
        baseline += _HEAD * (_LEADING - 1)
        for line, size, gap in self._lines(link, room - 2 * _PAD - _BAR):
            baseline += gap + size * _LEADING
            yield self._placed(line, begins, baseline - size * (_LEADING - 1))

    def _placed(self, text: Text, x: float, y: float) -> Text:
        anchor = "start" if (text.direction == "rtl") == self._mirrored else "end"
        return replace(text, x=round(x, 1), y=round(y, 1), anchor=anchor)

    def _lines(self, link: Link, room: float) -> Iterator[tuple[Text, float, float]]:
        """The lines of lettering of a link, not placed yet, each with its size and the space above it."""
        if link.missing:
            yield Text(0, 0, self._missing, "missing", self._language, self._way(self._language)), _LETTER, 6
        for line in link.lines:
            size, gap = _SIZES[line.role], 6.0
            for text, language in self._said(line):
                for piece in wrap(text, size, room):
                    yield (
                        Text(0, 0, piece, line.role, language, self._way(language), line.href, line.external),
                        size,
                        gap,
                    )
                    gap = 0.0

    def _said(self, line: Line) -> list[tuple[str, str | None]]:
        """A line as texts with their languages: one, or two where its label is read in the other direction."""
        language = line.values[-1].language
        if line.label is None:
            return [(said(line), language)]
        if self._way(line.label.language) == self._way(language):
            return [(said(line), line.label.language)]
        return [(line.label.text + ":", line.label.language), (said(replace(line, label=None)), language)]

    def _way(self, language: str | None) -> str:
        return direction(language or self._language)

    def _arrow(
        self, link: Link, points: tuple[tuple[float, float], tuple[float, float]], at: tuple[float, float], anchor: str,
        room: float,
    ) -> Arrow:  # fmt: skip
        """The way to a link, from point to point, with its word at a place. room: how long a line of that may be."""
        (x0, y0), (x1, y1) = points
        if self._mirrored:
            x0, x1, at = self._width - x0, self._width - x1, (self._width - at[0], at[1])
        dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
        end_x, end_y = x1 - 9 * dx, y1 - 9 * dy
        corners = ((x1, y1), (end_x - 6 * dy, end_y - 6 * dx), (end_x + 6 * dy, end_y + 6 * dx))
        head = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"
        label, leading = link.how, _HEAD * 1.25
        lines = wrap(label.text, _HEAD, room)
        first = at[1] - (len(lines) - 1) * leading
        way = self._way(label.language)
        texts = tuple(
            Text(round(at[0], 1), round(first + place * leading, 1), text, "how", label.language, way, anchor=anchor)
            for place, text in enumerate(lines)
        )
        return Arrow(f"M{x0:.1f} {y0:.1f}L{end_x:.1f} {end_y:.1f}", head, link.contrary, link.missing, texts)

    def _upright(self, link: Link, x: float, y: float, gap: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ends of the way between a box that begins at y and the one above it, to which evidence leads up."""
        above, below = (x, y - gap + 2), (x, y - 2)
        return (below, above) if link.name in {"evidence", "contrary"} else (above, below)

    def _side(self, label: Label) -> str:
        """The end of a word that stands next to an upright arrow: its start, unless it is read towards the arrow."""
        return "start" if (self._way(label.language) == "rtl") == self._mirrored else "end"


class _Wide(_Layout):
    """Three columns: what happened and its evidence, the policy and the duty, who answers for it and what followed."""

    def __init__(self, chain: Chain, language: str, missing: str) -> None:
        super().__init__(chain, language, missing, _WIDE)
        names = (("deprivation", "evidence", "contrary"), ("failure", "obligation"), ("institution", "consequence"))
        self._columns = [[link for name in column if (link := chain.link(name))] for column in names]

    def drawing(self) -> Drawing:
        gap = (_WIDE - 3 * _COLUMN) / 2
        heights = [[self._height(link, _COLUMN) for link in column] for column in self._columns]
        across = 1.0 + min(min(column[0] for column in heights) / 2, 64)
        boxes: list[Box] = []
        arrows: list[Arrow] = []
        bottom = 0.0
        for place, column in enumerate(self._columns):
            x, y = place * (_COLUMN + gap), 1.0
            middle = x + _COLUMN / 2
            for row, link in enumerate(column):
                height = heights[place][row]
                boxes.append(self._box(link, x, y, _COLUMN, height))
                if row:
                    at = (middle + 12, y - _ROW_GAP / 2 + 4)
                    ends = self._upright(link, middle, y, _ROW_GAP)
                    arrows.append(self._arrow(link, ends, at, self._side(link.how), _COLUMN / 2))
                elif place:
                    at = (x - gap / 2, across - 12)
                    ends = ((x - gap + 4, across), (x - 3, across))
                    arrows.append(self._arrow(link, ends, at, "middle", gap - 12))
                y += height + _ROW_GAP
            bottom = max(bottom, y - _ROW_GAP)
        return Drawing("wide", _WIDE, round(bottom + 2, 1), tuple(boxes), tuple(arrows))


class _Narrow(_Layout):
    """One column, read downwards."""

    def __init__(self, chain: Chain, language: str, missing: str) -> None:
        super().__init__(chain, language, missing, _NARROW)

    def drawing(self) -> Drawing:
        boxes: list[Box] = []
        arrows: list[Arrow] = []
        y, room = 1.0, _NARROW - 2
        for link in self._chain.links:
            if boxes:
                ends = self._upright(link, 26, y, _STEP)
                arrows.append(self._arrow(link, ends, (40, y - _STEP / 2 + 5), self._side(link.how), 260))
            height = self._height(link, room)
            boxes.append(self._box(link, 1, y, room, height))
            y += height + _STEP
        return Drawing("narrow", _NARROW, round(y - _STEP + 2, 1), tuple(boxes), tuple(arrows))


def said(line: Line) -> str:
    """A line as one text: what it is, where that is not plain, and its values."""
    between = " " if line.role is Role.FIGURE else " · "
    text = between.join(value.text for value in line.values)
    return f"{line.label.text}: {text}" if line.label else text
