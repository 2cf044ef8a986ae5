"""Loki, from the module of a release."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component
from e2e.testbed.commands import GO, build_module, module_folder

MODULE: Final = "github.com/grafana/loki/v3@v3.7.8"
BESIDE: Final = "github.com/grafana/loki/pkg/push"
"""A module that the release takes from the folder beside it, which Go does not keep: it is had like others."""


def _build(folder: Path) -> None:
    source = module_folder(MODULE, folder)
    build_module(source, "./cmd/loki", folder / "loki", without_replacement=BESIDE)


LOKI: Final = Component("loki", (MODULE, BESIDE, *GO.values()), _build)
"""Its program is `loki`."""
