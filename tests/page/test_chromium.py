"""Browser tests fail where there is no browser, and say how to get one."""

from __future__ import annotations

import pytest
from chromium import chromium_path


def test_a_missing_browser_is_an_error_that_says_how_to_install_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="apt-get install chromium"):
        chromium_path()
