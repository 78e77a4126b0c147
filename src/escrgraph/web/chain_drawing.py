"""The accountability chain drawn: boxes, arrows and lettering, placed for a wide and a narrow screen and either direction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
        lines = list(self._lines(link, room - 2 * _PAD - _BAR))
        return 2 * _PAD + _HEAD * _LEADING + sum(size * _LEADING + gap for _, _, size, gap in lines)

    def _texts(self, link: Link, left: float, y: float, room: float) -> Iterator[Text]:
        baseline = y + _PAD + _HEAD
        yield self._text(link.label.text, "head", link.label.language, left, baseline, room)
        baseline += _HEAD * (_LEADING - 1)
        for line, text, size, gap in self._lines(link, room - 2 * _PAD - _BAR):
            baseline += gap + size * _LEADING
            value = line.values[-1] if line else None
            tag = value.language if value else self._language
            yield self._text(
                text, line.role if line else "missing", tag, left, baseline - size * (_LEADING - 1), room,
                line.href if line else None, external=bool(line and line.external),
            )  # fmt: skip

    def _lines(self, link: Link, room: float) -> Iterator[tuple[Line | None, str, float, float]]:
        """Each line of lettering with the line of the chain it belongs to, its size, and the space above it."""
        if link.missing:
            yield None, self._missing, _LETTER, 6
        for line in link.lines:
            size = _SIZES[line.role]
            for place, text in enumerate(wrap(said(line), size, room)):
                yield line, text, size, 6.0 if place == 0 else 0.0

    def _text(
        self, text: str, role: str, language: str | None, left: float, y: float, room: float,
        href: str | None = None, *, external: bool = False,
    ) -> Text:  # fmt: skip
        """Lettering in a box, where text of its direction begins."""
        way = direction(language or self._language)
        inner = left + (0 if self._mirrored else _BAR) + _PAD
        x = inner if way == "ltr" else inner + room - _BAR - 2 * _PAD
        return Text(round(x, 1), round(y, 1), text, role, language, way, href, external)

    def _arrow(self, link: Link, points: Sequence[tuple[float, float]], label: Label, at: tuple[float, float], anchor: str,
               room: float) -> Arrow:  # fmt: skip
        if self._mirrored:
            points = [(self._width - x, y) for x, y in points]
            at = (self._width - at[0], at[1])
        (x0, y0), (x1, y1) = points
        dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
        end_x, end_y = x1 - 9 * dx, y1 - 9 * dy
        head = f"M{x1:.1f} {y1:.1f}L{end_x - 6 * dy:.1f} {end_y - 6 * dx:.1f}L{end_x + 6 * dy:.1f} {end_y + 6 * dx:.1f}Z"
        size = 13.0
        lines = wrap(label.text, size, room)
        first = at[1] - (len(lines) - 1) * size * 1.25
        way = direction(label.language or self._language)
        texts = tuple(
            Text(round(at[0], 1), round(first + place * size * 1.25, 1), text, "how", label.language, way, None, False, anchor)
            for place, text in enumerate(lines)
        )
        return Arrow(f"M{x0:.1f} {y0:.1f}L{end_x:.1f} {end_y:.1f}", head, link.contrary, link.missing, texts)


class _Wide(_Layout):
    """Three columns: what happened and its evidence, the policy and the duty, who answers for it and what followed."""

    def __init__(self, chain: Chain, language: str, missing: str) -> None:
        super().__init__(chain, language, missing, _WIDE)
        names = (("deprivation", "evidence", "contrary"), ("failure", "obligation"), ("institution", "consequence"))
        self._columns = [[link for name in column if (link := chain.link(name))] for column in names]

    def drawing(self) -> Drawing:
        gap = (_WIDE - 3 * _COLUMN) / 2
        heights = [[self._height(link, _COLUMN) for link in column] for column in self._columns]
        first = max(column[0] for column in heights)
        boxes: list[Box] = []
        arrows: list[Arrow] = []
        bottom = 0.0
        for place, column in enumerate(self._columns):
            x, y = place * (_COLUMN + gap), 1.0
            middle = x + _COLUMN / 2
            for row, link in enumerate(column):
                height = first if row == 0 else heights[place][row]
                boxes.append(self._box(link, x, y, _COLUMN, height))
                if row:
                    # Evidence supports what stands above it; the other links follow from that.
                    ends = [(middle, y - _ROW_GAP + 2), (middle, y - 2)]
                    up = link.name in {"evidence", "contrary"}
                    at = (middle + 12, y - _ROW_GAP / 2 + 4)
                    arrows.append(
                        self._arrow(link, ends[::-1] if up else ends, link.how, at, self._side(link.how), _COLUMN / 2)
                    )
                elif place:
                    across = 1.0 + min(first / 2, 90)
                    at = (x - gap / 2, across - 12)
                    ends = [(x - gap + 4, across), (x - 3, across)]
                    arrows.append(self._arrow(link, ends, link.how, at, "middle", gap - 12))
                y += height + _ROW_GAP
            bottom = max(bottom, y - _ROW_GAP)
        return Drawing("wide", _WIDE, round(bottom + 2, 1), tuple(boxes), tuple(arrows))

    def _side(self, label: Label) -> str:
        """The end of the label that stands next to a vertical arrow: its start, unless it is read towards the arrow."""
        return "start" if (direction(label.language or self._language) == "rtl") == self._mirrored else "end"


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
                x = 26.0
                up = link.name in {"evidence", "contrary"}
                ends = [(x, y - _STEP + 2), (x, y - 2)]
                same = (direction(link.how.language or self._language) == "rtl") == self._mirrored
                arrows.append(
                    self._arrow(
                        link, ends[::-1] if up else ends, link.how, (x + 14, y - _STEP / 2 + 5),
                        "start" if same else "end", 260,
                    )  # fmt: skip
                )
            height = self._height(link, room)
            boxes.append(self._box(link, 1, y, room, height))
            y += height + _STEP
        return Drawing("narrow", _NARROW, round(y - _STEP + 2, 1), tuple(boxes), tuple(arrows))


def said(line: Line) -> str:
    """A line as one text: what it is, where that is not plain, and its values."""
    text = " ".join(value.text for value in line.values) if line.role is Role.FIGURE else " · ".join(
        value.text for value in line.values
    )
    return f"{line.label.text}: {text}" if line.label else text
