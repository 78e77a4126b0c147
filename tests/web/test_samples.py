"""The programs that pages show: they are run, and print what was asked for."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys

import pytest
from tests.running import Running

from escrgraph.web.formats import Kind
from escrgraph.web.samples import samples

RIGHTS = """PREFIX escr: <https://w3id.org/escrgraph/def/>
# 'quotes', "double ones", a \\ and $HOME are left as they are
SELECT ?right ("it's \\"so\\"" AS ?text) WHERE { ?right a escr:Right } ORDER BY ?right LIMIT 3"""
GRAPH = "CONSTRUCT { ?right a ?class } WHERE { ?right a ?class } ORDER BY ?right LIMIT 3"
RUN = {
    "curl": lambda code: ["bash", "-euc", code.replace("curl ", "curl -sS --fail ", 1)],
    "Python": lambda code: [sys.executable, "-c", code],
    "JavaScript": lambda code: ["node", "--input-type=module", "--eval", code],
}


@pytest.mark.parametrize("language", RUN)
@pytest.mark.parametrize(
    ("path", "parameters", "kind", "expected"),
    [
        ("sparql", {"query": RIGHTS}, Kind.SOLUTIONS, 'it\'s "so"'),
        ("sparql", {"query": GRAPH}, Kind.GRAPH, "http"),
        ("sparql", {"query": "ASK {}"}, Kind.BOOLEAN, "true"),
        ("queries/institutions-responsible", {"country": "country/col"}, Kind.SOLUTIONS, "finding/col-"),
        ("queries/vocabularies", {}, Kind.SOLUTIONS, "http"),
    ],
)
def test_a_program_does_what_it_says(
    library: Running, language: str, path: str, parameters: dict[str, str], kind: Kind, expected: str
) -> None:
    (code,) = [s.code for s in samples(library.url + path, parameters, kind) if s.language == language]
    command = RUN[language](code)
    if language == "JavaScript" and shutil.which("node") is None:
        pytest.skip("There is no node on the PATH, which only the build needs.")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = done.stdout.replace('""', '"').replace("\\'", "'")
    assert expected in told, done.stdout


@pytest.mark.parametrize("text", ['"""', 'ends with a quote\n"', "back\\slash\nline", "a\nb", "é \u2028 x\n", "\t\r\n"])
def test_any_query_is_written_as_one_text(text: str) -> None:
    for sample in samples("http://127.0.0.1/sparql", {"query": text}):
        if sample.language == "Python":
            (sent,) = [
                node for node in ast.walk(ast.parse(sample.code)) if isinstance(node, ast.Dict) and len(node.keys) == 1
            ][:1]
            assert ast.literal_eval(sent)["query"].strip() == text.strip()
