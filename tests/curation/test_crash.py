"""Kill -9 while submissions come in: what was acknowledged is there, whole, and the chain of events holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.curation.proposing import MEMBER, proposal
from tests.running import PROJECT, environment

from escrgraph.curation.database import Database, verify
from escrgraph.curation.states import State
from escrgraph.curation.submissions import Submissions
from escrgraph.repository.addresses import VARIABLE, curation_of


def bring(store: Path) -> None:
    """Bring submissions one after the other, and say of each when it is handed in."""
    submissions = Submissions(Database(curation_of(store, os.environ.get(VARIABLE, ""))))
    for number in range(10_000):
        made, _ = submissions.create(proposal(f"resource/r{number}", f"Title {number}"), MEMBER)
        submissions.submit(made.id, MEMBER)
        sys.stdout.write(made.id + "\n")
        sys.stdout.flush()


@pytest.mark.parametrize("count", [1, 4, 9])
def test_what_was_handed_in_survives_kill_9(tmp_path: Path, address: str, count: int) -> None:
    variables = {VARIABLE: address, "PYTHONPATH": f"{PROJECT / 'src'}{os.pathsep}{PROJECT}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.curation.test_crash", str(tmp_path)],
        env=environment(**variables), cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as output:
        acknowledged = [output.readline().strip() for _ in range(count)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in output if line.endswith("\n")]
    assert process.wait() == -signal.SIGKILL
    database = Database(curation_of(tmp_path, address))
    submissions = Submissions(database)
    for id_ in acknowledged:
        assert submissions.get(id_).state is State.SUBMITTED
        assert submissions.proposal(id_).added
    verify(database)
    made, _ = submissions.create(proposal("resource/after"), MEMBER)
    assert submissions.submit(made.id, MEMBER).state is State.SUBMITTED
    verify(database)
    database.close()


if __name__ == "__main__":
    bring(Path(sys.argv[1]))
