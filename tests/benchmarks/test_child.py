from __future__ import annotations

import os

import pytest
from benchmarks.child import Child, ChildFailed


def test_a_child_calls_functions_in_a_process_of_its_own() -> None:
    with Child() as child:
        assert child.call(os.getpid) != os.getpid()
        assert child.call(os.getpid) == child.call(os.getpid)
        assert child.call(divmod, 7, 2) == (3, 1)


def test_what_a_function_raises_is_told() -> None:
    with Child() as child:
        with pytest.raises(ChildFailed, match="ZeroDivisionError"):
            child.call(divmod, 1, 0)
        assert child.call(divmod, 1, 1) == (1, 0)


def test_a_child_that_ends_is_told() -> None:
    with Child() as child, pytest.raises(ChildFailed, match="ended before"):
        child.call(os._exit, 1)


def test_what_a_function_prints_does_not_get_into_the_results() -> None:
    with Child() as child:
        child.call(print, "to stderr")
        assert child.call(len, "abc") == 3
