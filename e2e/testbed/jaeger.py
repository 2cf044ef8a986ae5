"""Jaeger v2, from the module of a release."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component
from e2e.testbed.commands import GO, module_folder, run

MODULE: Final = "github.com/jaegertracing/jaeger@v1.76.0"
"""The commit of v1.76.0 is that of v2.13.0, which Go does not find under its own number."""


def _build(folder: Path) -> None:
    source = module_folder(MODULE, folder) / "cmd" / "jaeger"
    run(["go", "build", "-ldflags", "-s -w", "-o", folder / "jaeger", "."], source, **GO)


JAEGER: Final = Component("jaeger", (MODULE, *GO.values()), _build)
"""Its program is `jaeger`. The page is a placeholder; the interfaces are real."""
