"""Tempo, from the newest of its modules whose checksum is known: it has no releases that Go finds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component
from e2e.testbed.commands import GO, build_module, module_folder

PATH: Final = "github.com/grafana/tempo"
VERSION: Final = "v1.5.1-0.20241001135150-ed943d7a56b2"
"""Of 1 October 2024, between 2.6 and 2.7."""
SUMS: Final = (
    f"{PATH} {VERSION} h1:XMreZ1SPjLpd9zhql5FXKFYwAcgBzS2E2MOPx4n+FyY=",
    f"{PATH} {VERSION}/go.mod h1:UKONJhBCxmL+0ri27VMledCVzZIJqnl6Ah24A5vCRzs=",
)
"""As Grafana's own `go.sum` has them. Go's public list of checksums does not have this version."""


def _build(folder: Path) -> None:
    (folder / "go.mod").write_text(f"module testbed\n\ngo 1.23\n\nrequire {PATH} {VERSION}\n", encoding="utf-8")
    (folder / "go.sum").write_text("".join(f"{line}\n" for line in SUMS), encoding="utf-8")
    source = module_folder(f"{PATH}@{VERSION}", folder)
    build_module(source, "./cmd/tempo", folder / "tempo")


TEMPO: Final = Component("tempo", (*SUMS, *GO.values()), _build)
"""Its program is `tempo`."""
