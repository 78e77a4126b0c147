"""A disk that is really full, or read-only: askers are told in a sentence, nothing acknowledged is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.faults.disks import Disk, mounted
from tests.faults.services import back, get, health, post, processes, shows, writer
from tests.faults.stories import Follower, Story
from tests.faults.test_disk import process
from tests.repository.serving import until
from tests.repository.worlds import change
from tests.running import COMMAND, environment, serving

from escrgraph.repository.errors import Unavailable

SEARCH = "search?" + urlencode({"q": "anything"})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with mounted(tmp_path / "disk", 300) as found:
        yield found


def test_a_service_on_a_full_disk_answers_readers_and_refuses_the_others_in_a_sentence(disk: Disk) -> None:
    story = Story(disk.path, seed=1)
    with serving(story.store, "--empty") as running:
        assert not story.go_on(writer(running), 2)
        disk.fill()
        for _ in range(3):
            with pytest.raises(Unavailable, match=r"Make room, then ask again|did not take it"):
                writer(running).commit(change(story.next_change()[0]))
        for path in ("", "map", "sparql?query=ASK%7B%7D", "account/sign-in"):
            assert get(running.url + path)[0] == 200
        status, said = post(running.url + "account/sign-in", {"name": "ana", "password": "wrong"})
        assert (status, "the disk is full" in json.loads(said)["detail"]) == (503, True)
        disk.empty()
        until(lambda: health(running))
        assert not story.go_on(writer(running), 1)
        story.check(writer(running))
        until(lambda: shows(running, story.acknowledged), 60)
        assert post(running.url + "account/sign-in", {"name": "ana", "password": "wrong"})[0] != 503


@pytest.mark.drill
def test_an_index_that_finds_no_room_is_made_once_there_is_some(disk: Disk) -> None:
    story = Story(disk.path, seed=2)
    with serving(story.store, "--empty") as running:
        assert not story.go_on(writer(running), 1)
        until(lambda: shows(running, story.acknowledged), 60)
        (deriver,) = processes(running)["deriver"]
        deriver.kill()
        shutil.rmtree(story.store / "derived")
        disk.fill()
        back(running)
        status, said = get(running.url + SEARCH, "application/json")
        assert (status, "being made" in json.loads(said)["detail"]) == (503, True)
        assert get(running.url)[0] == 200
        disk.empty()
        until(lambda: shows(running, story.acknowledged), 60)
        assert get(running.url + SEARCH, "application/json")[0] == 200


@pytest.mark.parametrize("pages", [32, *(pytest.param(pages, marks=pytest.mark.drill) for pages in range(4, 240, 6))])
def test_whatever_room_is_left_a_change_is_made_whole_or_not_at_all(disk: Disk, pages: int) -> None:
    """Without the reserve, so that the disk fills in the log, in the store, in its flush or in the snapshot."""
    story = Story(disk.path, seed=3)
    with process(disk.path, reserve=-(1 << 40), stuck_seconds=1) as (_, first):
        assert not story.go_on(first, 2)
        follower = Follower(first)
        disk.fill(leave=4096 * pages)
        story.go_on(first, 3)
        follower.end()
    disk.empty()
    with process(disk.path) as (_, second):
        story.check(second)
        assert not story.go_on(second, 1)
        story.check(second)


def test_a_service_does_not_start_on_a_full_or_read_only_disk_and_says_so(disk: Disk) -> None:
    story = Story(disk.path, seed=4)
    with process(disk.path) as (_, first):
        assert not story.go_on(first, 1)
    with disk.read_only():
        assert "Read-only file system" in refused(disk.path)
    disk.fill()
    assert "No space left on device" in refused(disk.path)
    disk.empty()
    with process(disk.path) as (_, second):
        story.check(second)


def refused(directory: Path) -> str:
    """What the command says that cannot start."""
    command = [*COMMAND, "serve", "-p", "0", "--empty", "--store", str(directory / "store")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    return done.stderr
