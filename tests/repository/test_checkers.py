"""Untrusted bytes are worked on in processes that may die without harm, and every death gets its name."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from escrgraph.repository.checkers import Checker
from escrgraph.repository.errors import Crashed, Malformed, OutOfMemory, OutOfTime, RepositoryError

CHECKS = '''
"""Checks that behave badly."""
import json
import os
import signal
import socket

import pyoxigraph

from escrgraph.repository.errors import Malformed


def parse(data):
    """Count the triples of RDF/XML."""
    return str(len(list(pyoxigraph.parse(data, pyoxigraph.RdfFormat.RDF_XML)))).encode()


def refuse(data):
    raise Malformed("The fifth word is wrong.", 3, 14)


def nest(data):
    return repr(json.loads(data)).encode()


def crash(data):
    os.kill(os.getpid(), signal.SIGSEGV) if data == b"kill" else signal.raise_signal(signal.SIGSEGV)
    return b""


def spin(data):
    while True:
        pass


def eat(data):
    return bytes(1 << 40)


def fail(data):
    raise ValueError("nobody foresaw this")


def reach(data):
    try:
        socket.create_connection(("127.0.0.1", int(data)))
    except OSError as error:
        return type(error).__name__.encode()


def who(data):
    return str(os.getpid()).encode()
'''

BOMB = """<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "{ten}">{rest}]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">
<rdf:Description rdf:about="urn:s"><e:p>&j;</e:p></rdf:Description></rdf:RDF>"""


@pytest.fixture
def checker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checker]:
    """A checker that finds the checks above."""
    (tmp_path / "bad_checks.py").write_text(CHECKS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Checker(256 << 20, 10.0, ["bad_checks"]) as made:
        yield made


def test_what_the_function_gives_comes_back_whatever_its_size(checker: Checker) -> None:
    for data in (b"", b"small", bytes(range(256)) * 10_000):
        assert zlib.decompress(checker.run("zlib:compress", data)) == data
    assert checker.run("builtins:bytes", b"x" * 3_000_000) == b"x" * 3_000_000


def test_every_task_has_a_process_of_its_own(checker: Checker) -> None:
    assert len({checker.run("bad_checks:who", b"") for _ in range(3)}) == 3


def test_an_error_keeps_its_kind_and_place(checker: Checker) -> None:
    with pytest.raises(Malformed, match="The fifth word is wrong") as caught:
        checker.run("bad_checks:refuse", b"")
    assert (caught.value.line, caught.value.column) == (3, 14)


def test_a_task_that_never_ends_is_ended(checker: Checker) -> None:
    with pytest.raises(OutOfTime, match=r"0\.3 s"):
        checker.run("bad_checks:spin", b"", deadline=0.3)


def test_a_task_that_takes_too_much_memory_is_ended(checker: Checker) -> None:
    with pytest.raises(OutOfMemory, match="256 MiB"):
        checker.run("bad_checks:eat", b"")


def test_an_entity_bomb_in_rdf_xml_breaks_only_its_own_process(checker: Checker) -> None:
    entities = "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    bomb = BOMB.format(ten="x" * 10, rest=entities).encode()
    assert len(bomb) < 2000
    with pytest.raises((OutOfMemory, OutOfTime)):
        checker.run("bad_checks:parse", bomb)
    good = BOMB.format(ten="x", rest='<!ENTITY j "fine">').encode()
    assert checker.run("bad_checks:parse", good) == b"1"


def test_deep_nesting_breaks_only_its_own_process(checker: Checker) -> None:
    with pytest.raises(Crashed, match="nests too deep"):
        checker.run("bad_checks:nest", b"[" * 100_000)
    assert checker.run("bad_checks:nest", b"[[1]]") == b"[[1]]"


def test_a_crash_is_told_of(checker: Checker) -> None:
    with pytest.raises(Crashed, match="SIGSEGV"):
        checker.run("bad_checks:crash", b"")
    with pytest.raises(Crashed):
        checker.run("bad_checks:fail", b"")


def test_a_check_that_does_not_exist_is_refused(checker: Checker) -> None:
    for target in ("bad_checks:nothing", "no_such_module:nothing", "bad_checks"):
        with pytest.raises(RepositoryError, match="no check of that name"):
            checker.run(target, b"")


def test_a_task_reaches_nobody(checker: Checker) -> None:
    assert checker.run("bad_checks:reach", b"80") == b"PermissionError"


def test_a_parent_that_was_killed_is_replaced(checker: Checker) -> None:
    checker.run("bad_checks:who", b"")
    for process in psutil.Process().children():
        if "bad_checks" in process.cmdline():  # its own: a fixture of other tests may have one, too
            process.kill()
            psutil.wait_procs([process], 5)
    assert checker.run("bad_checks:who", b"")


def test_threads_share_a_checker(checker: Checker) -> None:
    found: list[bytes] = []

    def run(number: int) -> None:
        found.append(checker.run("builtins:bytes", str(number).encode()))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [str(number).encode() for number in range(8)]
