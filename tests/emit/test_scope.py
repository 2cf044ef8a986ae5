"""The scope under which everything goes out."""

from __future__ import annotations

import importlib.metadata

from firsttoken.emit import scope


def test_the_scope_is_the_package_and_its_version() -> None:
    assert (importlib.metadata.metadata("firsttoken")["Name"], importlib.metadata.version("firsttoken")) == (
        scope.NAME,
        scope.VERSION,
    )
