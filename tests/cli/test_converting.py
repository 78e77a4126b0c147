"""convert: tables and references become Turtle; what is wrong with a row is told, and given back."""

from __future__ import annotations

from pyoxigraph import RdfFormat, parse

from escrgraph.cli.failures import FINDINGS, USAGE

TABLE = (
    "title@en,type,subject,page,source,publisher,usesMethod\n"
    "First of two,guide,food,https://a.org/1,https://a.org/1,CESR,OPERA framework\n"
    "Second of two,guide,Right to fod,https://a.org/2,https://a.org/2,CESR,\n"
)
RECORD = "https://w3id.org/escrgraph/id/resource/first-of-two"


def test_good_rows_become_turtle_and_bad_ones_are_given_back(escrgraph, tmp_path):
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    done = escrgraph("convert", "table.csv", "--kind", "resource", "--please-fix", "fix.csv", "--store", "none")
    assert done.code == FINDINGS
    quads = list(parse(done.out.encode(), RdfFormat.TURTLE))
    assert {quad.subject.value for quad in quads} == {RECORD}
    assert "https://w3id.org/escrgraph/id/organization/cesr" in {quad.object.value for quad in quads}
    assert "row 2, subject: Right:" in done.err
    assert "1 of 2 rows converted." in done.err
    fix = (tmp_path / "fix.csv").read_text(encoding="utf-8-sig").splitlines()
    assert fix[0].endswith("please fix")
    assert len(fix) == 2
    (tmp_path / "ready.ttl").write_text(done.out, encoding="utf-8")
    assert escrgraph("validate", "ready.ttl", "--store", "none").code == 0


def test_references_are_converted(escrgraph, tmp_path):
    (tmp_path / "a.bib").write_text("@book{a, title={A book}, year=2013}", encoding="utf-8")
    done = escrgraph("convert", "a.bib", "--kind", "resource", "--store", "none")
    assert done.code == FINDINGS
    assert "row 1, subject: Right" in done.err


def test_what_cannot_be_converted_is_told(escrgraph, tmp_path):
    (tmp_path / "a.csv").write_text("unheard,of\n1,2\n", encoding="utf-8")
    (tmp_path / "a.xlsx").write_text("x", encoding="utf-8")
    none = escrgraph("convert", "a.csv", "--kind", "resource", "--store", "none")
    assert (none.code, "No column of the table is known" in none.err) == (USAGE, True)
    assert escrgraph("convert", "a.xlsx", "--kind", "resource", "--store", "none").code == USAGE
    assert "Kinds:" in escrgraph("convert", "a.csv", "--kind", "novel", "--store", "none").err
