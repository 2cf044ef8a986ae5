"""Prometheus's Alertmanager, from the module of a release: Debian's wants its templates in `/usr`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component
from e2e.testbed.commands import GO, module_folder, run

MODULE: Final = "github.com/prometheus/alertmanager@v0.34.2"


def _build(folder: Path) -> None:
    source = folder / "source"
    run(["cp", "-r", "--no-preserve=mode", module_folder(MODULE, folder), source], folder)
    page = source / "ui" / "app" / "dist"
    page.mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Alertmanager</title>", encoding="utf-8")
    run(["go", "build", "-ldflags", "-s -w", "-o", f"{folder}/", "./cmd/alertmanager", "./cmd/amtool"], source, **GO)
    run(["rm", "-rf", source], folder)


ALERTMANAGER: Final = Component("alertmanager", (MODULE, *GO.values()), _build)
"""Its programs are `alertmanager` and `amtool`. The page is a placeholder; the interfaces are real."""
