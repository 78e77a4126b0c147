"""Where people ask for a correction."""

from __future__ import annotations

import pytest

from escrgraph.settings import SettingError, read_settings
from escrgraph.web.contact import contact


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("", None),
        ("a@x.example", "mailto:a@x.example?subject=right/food"),
        ("mailto:a@x.example", "mailto:a@x.example?subject=right/food"),
        ("mailto:a@x.example?cc=b@x.example", "mailto:a@x.example?cc=b@x.example&subject=right/food"),
        ("https://x.example/ask?a=b", "https://x.example/ask?a=b"),
    ],
)
def test_the_setting_is_an_address_to_follow(setting: str, address: str | None) -> None:
    read = read_settings({"contact": setting}, environment={}).contact
    assert contact(read, "right/food") == address


@pytest.mark.parametrize("setting", ["javascript:alert(1)", "somebody", "a@b c", "ftp://x.example/", 'a@x"y', "<a@b>"])
def test_what_leads_nowhere_is_refused(setting: str) -> None:
    with pytest.raises(SettingError, match="CONTACT"):
        read_settings({"contact": setting}, environment={})
