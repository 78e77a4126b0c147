"""`python -m benchmarks`: generate a library, compare endpoints, hold the service against its bars."""

from __future__ import annotations

from benchmarks.commands import main

main()
