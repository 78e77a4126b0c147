from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from benchmarks.templates import BASE, SCALED, read_library
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse, serialize
from tests.benchmarks.conftest import Generated

from benchmarks import generator
from escrgraph.repository.inference import Inference, read_rules
from escrgraph.validation.rules import check_rules_whole
from escrgraph.validation.shapes import shipped_shapes
from escrgraph.validation.whole import check_core_whole, members
from escrgraph.vocabulary import shipped
from escrgraph.vocabulary.namespaces import expand


def quads_of(text: str) -> list[Quad]:
    return list(parse(text.encode(), RdfFormat.N_QUADS))


def test_it_has_as_many_triples_as_asked_for_each_of_them_once(generated: Generated) -> None:
    lines = generated.text.splitlines()
    assert generated.manifest.triples == len(lines) == len(set(lines))
    assert len(lines) == pytest.approx(10_000, rel=0.02)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(generated: Generated, tmp_path: Path) -> None:
    generator.generate(10_000, 1, tmp_path / "again")
    generator.generate(10_000, 2, tmp_path / "other")
    for name in (generator.DATA, generator.INFERRED, generator.MANIFEST):
        assert (generated.directory / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert generated.text != (tmp_path / "other" / generator.DATA).read_text("utf-8")


def test_its_lines_are_canonical(generated: Generated) -> None:
    assert serialize(quads_of(generated.text), format=RdfFormat.N_QUADS) == generated.text.encode()


def test_it_breaks_no_shape_and_no_rule(generated: Generated) -> None:
    store = Store()
    store.extend(Quad(q.subject, q.predicate, q.object, DefaultGraph()) for q in quads_of(generated.text))
    shapes = shipped_shapes()
    found = check_core_whole(store, shapes)
    found += check_rules_whole(store, shapes.rules, lambda target: members(store, target))
    assert [result for result in found if result.severity == "Violation"] == []


def test_what_follows_by_rule_is_what_the_repository_would_infer(generated: Generated) -> None:
    records: dict[str, list[Quad]] = {}
    for quad in quads_of((generated.directory / generator.DATA).read_text("utf-8")):
        assert isinstance(quad.subject, NamedNode)
        if record := BASE.record_of(quad.subject.value):
            records.setdefault(record, []).append(quad)
    expected = Inference(BASE, read_rules(shipped.rule_files())).of(records)
    assert set(quads_of((generated.directory / generator.INFERRED).read_text("utf-8"))) == expected


def test_no_reference_dangles(generated: Generated) -> None:
    quads = quads_of(generated.text)
    known = {quad.subject for quad in quads}
    home = BASE.iri + "id/"
    named = {quad.object for quad in quads if isinstance(quad.object, NamedNode) and quad.object.value.startswith(home)}
    assert named - known == set()


def test_kinds_and_properties_stand_in_the_real_proportions(tmp_path: Path) -> None:
    manifest = generator.generate(100_000, 3, tmp_path)
    templates = read_library().templates
    factor = {kind: manifest.counts[kind] / len(templates[kind]) for kind in SCALED}
    assert max(factor.values()) / min(factor.values()) < 1.03
    made = Counter(quad.predicate.value for quad in quads_of((tmp_path / generator.DATA).read_text("utf-8")))
    real = Counter(quad.predicate.value for quad in read_library().quads)
    for name in ("dcterms:creator", "escr:breaches", "org:role", "foaf:name", "bibo:isbn13"):
        assert made[expand(name)] == pytest.approx(real[expand(name)] * factor["resource"], rel=0.1)


def test_text_says_that_it_is_synthetic_in_four_languages(generated: Generated) -> None:
    titles = _titles(generated.text)
    words = {"en": "Synthetic", "es": "sintético", "fr": "synthétique", "ar": "اصطناعي"}
    for line in titles:
        language = line.rpartition('"@')[2].partition(" ")[0]
        assert words[language] in line
    assert {line.rpartition('"@')[2][:2] for line in titles} >= {"en", "es", "fr"}


def test_a_library_too_small_for_the_vocabulary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few"):
        generator.generate(5_000, 1, tmp_path)


def test_the_manifest_says_what_there_is(generated: Generated) -> None:
    assert generator.read_manifest(generated.directory) == generated.manifest
    counts = json.loads((generated.directory / generator.MANIFEST).read_text("utf-8"))["counts"]
    numbers = [int(line.split("synthetic-")[1].split(">")[0]) for line in _titles(generated.text)]
    assert len(numbers) == counts["resource"]
    assert all(second == first + 1 for first, second in pairwise(numbers))
    with pytest.raises(FileNotFoundError, match="python -m benchmarks generate"):
        generator.read_manifest(generated.directory / "nowhere")


def _titles(text: str) -> list[str]:
    return [line for line in text.splitlines() if "/id/resource/" in line and "/dc/terms/title>" in line]
