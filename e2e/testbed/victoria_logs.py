"""VictoriaLogs, from the last module of VictoriaMetrics that has it, is to be had and can be built by a Go of today."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component
from e2e.testbed.commands import GO, build_module, module_folder

MODULE: Final = "github.com/VictoriaMetrics/VictoriaMetrics@v1.110.0"


def _build(folder: Path) -> None:
    build_module(module_folder(MODULE, folder), "./app/victoria-logs", folder / "victoria-logs")


VICTORIA_LOGS: Final = Component("victoria-logs", (MODULE, *GO.values()), _build)
"""Its program is `victoria-logs`."""
