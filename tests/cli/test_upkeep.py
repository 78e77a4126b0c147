"""backup, restore, rebuild, redact: a store is kept, and a record is forgotten."""

from __future__ import annotations

import gzip

from escrgraph.repository.log import ChangeLog

TITLE = "Seeded words nobody else uses"
RECORD = "journal/seeded-record"
FILE = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix escr: <https://w3id.org/escrgraph/def/> .
<https://w3id.org/escrgraph/id/{RECORD}> a escr:Journal ; dcterms:title "{TITLE}"@en ;
  dcterms:source <https://example.org/seeded> .
"""


def _found(directory, text):
    """The files below a directory that hold a text, plain or compressed."""
    found = []
    for path in directory.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if data[:2] == b"\x1f\x8b":
                data = gzip.decompress(data)
            if text.encode() in data:
                found.append(path)
    return found


def test_a_backup_is_restored_as_it_was(escrgraph, store, tmp_path):
    done = escrgraph("backup", "copy", "--store", store)
    assert (done.code, done.out) == (0, "Version 1 of the store is in copy.\n")
    again = escrgraph("backup", "copy", "--store", store)
    assert again.code == 2
    assert "is not empty" in again.err
    restored = escrgraph("restore", "copy", "--store", "second")
    assert (restored.code, restored.out) == (0, f"Version 1 is restored to {tmp_path}/second.\n")
    assert escrgraph("export", "--store", "second").out == escrgraph("export", "--store", store).out
    over = escrgraph("restore", "copy", "--store", store)
    assert over.code == 2
    assert "holds a store already" in over.err
    assert escrgraph("restore", "nowhere", "--store", "third").code == 2


def test_rebuild_makes_the_same_store_again(escrgraph, store):
    before = escrgraph("export", "--store", store).out
    done = escrgraph("rebuild", "--store", store)
    assert (done.code, done.out) == (0, "The store is made again from the log; it is at version 1.\n")
    assert sorted(escrgraph("export", "--store", store).out.splitlines()) == sorted(before.splitlines())


def test_a_redacted_record_is_nowhere_in_the_store_and_the_log_verifies(escrgraph, store):
    escrgraph("load", "-", "--store", store, stdin=FILE)
    done = escrgraph("redact", RECORD, "--reason", "A person asked.", "--store", store)
    assert done.code == 0
    assert done.out == f"{RECORD} is erased with change 3; blanked in the log: 2.\n"
    assert "still hold the record" in done.err
    assert _found(store, TITLE) == []
    assert _found(store, "seeded-record") == []
    with ChangeLog(store / "log.sqlite") as log:
        assert log.verify() == 3


def test_redacting_what_is_not_there_is_told(escrgraph, store):
    done = escrgraph("redact", "journal/not-there", "--reason", "x", "--store", store)
    assert done.code == 2
    assert "Nothing in the change log names journal/not-there" in done.err
