"""Two machines behind Debian's nginx, whose server block is the one that deployments begin with."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from tests.databases.test_services import WORDS, Pair, pair, shows, writer
from tests.repository.serving import until
from tests.repository.worlds import change, finding
from tests.running import PROJECT

from escrgraph.curation.actors import Role
from escrgraph.curation.database import Database
from escrgraph.curation.people import People

CONFIGURATION = """
daemon off;
pid {directory}/nginx.pid;
error_log stderr warn;
{user}
events {{ worker_connections 256; }}
http {{
    log_format upstream '$upstream_addr $status $request_uri';
    access_log {directory}/access.log upstream;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    upstream escrgraph {{ {servers} }}
    {block}
}}
"""


@contextmanager
def balanced(directory: Path, machines: Pair) -> Iterator[str]:
    """The address of an nginx before the two. Skips the test where none is installed, which CI never does."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        why = "nginx is not installed (Debian: apt-get install nginx-light)."
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    block = (PROJECT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for written, wanted in (
        (r"listen 80;", f"listen 127.0.0.1:{port};"),
        (r"http://127\.0\.0\.1:8000", "http://escrgraph"),
    ):
        block, count = re.subn(written, wanted, block)
        assert count == 1
    servers = " ".join(f"server {urlsplit(one.url).netloc};" for one in machines.both)
    user = "user root;" if os.getuid() == 0 else ""
    text = CONFIGURATION.format(directory=directory, servers=servers, block=block, user=user)
    (directory / "nginx.conf").write_text(text, encoding="utf-8")
    command = [program, "-p", str(directory), "-c", str(directory / "nginx.conf"), "-e", "stderr"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: process.poll() is not None or _listens(port))
        assert process.poll() is None, process.communicate()[1]
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def answered_by(directory: Path) -> set[str]:
    """The machines that have answered, as host and port."""
    lines = (directory / "access.log").read_text(encoding="utf-8").splitlines()
    return {line.split(" ")[0] for line in lines}


@pytest.mark.drill
def test_who_signs_in_on_one_machine_is_signed_in_on_both(tmp_path: Path, database_address: str) -> None:
    with pair(tmp_path, database_address) as machines, balanced(tmp_path, machines) as url:
        database = Database(database_address)
        People(database).add("carla", Role.CURATOR, password=WORDS)
        database.close()
        session = requests.Session()
        form = {"name": "carla", "password": WORDS}
        entered = session.post(f"{url}account/sign-in", data=form, timeout=30, allow_redirects=False)
        assert entered.status_code == 303
        for _ in range(6):
            assert "carla" in session.get(f"{url}account", timeout=30).text
        assert answered_by(tmp_path) == {urlsplit(one.url).netloc for one in machines.both}

        writer(machines.one).commit(change(finding("seen")))
        until(lambda: shows(machines.two, "finding/seen"))
        assert {requests.get(f"{url}doc/finding/seen.nt", timeout=30).status_code for _ in range(6)} == {200}

        # One machine is stopped for its upkeep: the other goes on, and nobody has to sign in again.
        machines.one.process.send_signal(signal.SIGTERM)
        machines.one.process.wait(60)
        for _ in range(6):
            assert "carla" in session.get(f"{url}account", timeout=30).text
        assert writer(machines.two).commit(change(finding("after"))).number == 2
        assert requests.get(f"{url}doc/finding/after.nt", timeout=30).status_code == 200
