"""Code that asks the same: an address, or a query at the endpoint, from a shell, Python, R and JavaScript."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from escrgraph.web.formats import Kind


@dataclass(frozen=True, slots=True)
class Sample:
    """A program. language: as people call it; code: runs as it stands, and prints the answer."""

    language: str
    code: str


def samples(address: str, parameters: Mapping[str, str], kind: Kind = Kind.SOLUTIONS) -> tuple[Sample, ...]:
    """Programs that ask an address and print its answer, as rows or as a graph.

    address: absolute, without a query string. parameters: sent in the body for a query (the endpoint takes long ones
    only so), else in the address.
    """
    return tuple(Sample(language, code) for language, code in _written(address, dict(parameters), kind))


def _written(address: str, parameters: dict[str, str], kind: Kind) -> Iterator[tuple[str, str]]:
    graph = kind is Kind.GRAPH
    rows = kind is Kind.SOLUTIONS
    media = "text/turtle" if graph else "text/csv"
    post = "query" in parameters
    yield "curl", _curl(address, parameters, media, post=post)
    yield "Python", _python(address, parameters, media, post=post, rows=rows)
    yield "R", _r(address, parameters, media, post=post, rows=rows)
    yield "JavaScript", _javascript(address, parameters, graph=graph, post=post, rows=rows)


def _curl(address: str, parameters: dict[str, str], media: str, *, post: bool) -> str:
    words = ["curl", *([] if post or not parameters else ["--get"]), shlex.quote(address), "-H", f"'Accept: {media}'"]
    data = [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in parameters.items()]
    return " \\\n  ".join([" ".join(words), *data])


def _python(address: str, parameters: dict[str, str], media: str, *, post: bool, rows: bool) -> str:
    sent = "".join(f"    {_text(name)}: {_block(value)},\n" for name, value in parameters.items())
    call = "post" if post else "get"
    argument = "data" if post else "params"
    lines = [
        *(["import csv", "import io", ""] if rows else []),
        "import requests",
        "",
        f"parameters = {{\n{sent}}}" if parameters else "parameters = {}",
        f"answer = requests.{call}(",
        f"    {_text(address)},",
        f'    {argument}=parameters, headers={{"Accept": "{media}"}}, timeout=60,',
        ")",
        "answer.raise_for_status()",
    ]
    read = ["print(answer.text)"]
    if rows:
        read = ["for row in csv.DictReader(io.StringIO(answer.text)):", "    print(row)"]
    return "\n".join([*lines, *read])


def _r(address: str, parameters: dict[str, str], media: str, *, post: bool, rows: bool) -> str:
    pairs = ", ".join(f"{name} = {_text(value)}" for name, value in parameters.items())
    steps = [
        f"request({_text(address)})",
        *([f"req_{'body_form' if post else 'url_query'}({pairs})"] if pairs else []),
        f'req_headers(Accept = "{media}")',
        "req_perform()",
        "resp_body_string()",
    ]
    read = "rows <- read.csv(text = answer)\nprint(rows)" if rows else "cat(answer)"
    return "library(httr2)\n\nanswer <- " + " |>\n  ".join(steps) + f"\n{read}"


def _javascript(address: str, parameters: dict[str, str], *, post: bool, graph: bool, rows: bool) -> str:
    media = "application/ld+json" if graph else "application/sparql-results+json"
    sent = f"const parameters = new URLSearchParams({json.dumps(parameters, ensure_ascii=False, indent=2)});\n"
    if post:
        where, options = _text(address), f"method: 'POST', body: parameters, headers: {{ Accept: '{media}' }}"
    else:
        where, options = _text(address + "?") + " + parameters", f"headers: {{ Accept: '{media}' }}"
    read = "console.log(await answer.json());"
    if rows:
        read = "const { results } = await answer.json();\nconsole.table(results.bindings.map((row) =>\n"
        read += "  Object.fromEntries(Object.entries(row).map(([name, term]) => [name, term.value]))));"
    check = "if (!answer.ok) throw new Error(await answer.text());"
    return f"{sent}const answer = await fetch({where}, {{ {options} }});\n{check}\n{read}"


def _text(text: str) -> str:
    """A text between double quotes, as Python, R and JavaScript all read it."""
    return json.dumps(text, ensure_ascii=False)


def _block(text: str) -> str:
    """A text for Python: over several lines as it stands, where nothing in it forbids that."""
    if "\n" in text and '"""' not in text and "\\" not in text and not text.endswith('"'):
        return f'"""\n{text.strip()}\n"""'
    return _text(text)
