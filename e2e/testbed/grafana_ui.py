"""A page that draws boards with Grafana's own components, out of its packages. Its program is not among them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component
from e2e.testbed.commands import run

SOURCES: Final = Path(__file__).with_name("grafana-ui")
AS_OF: Final = "2026-11-20"
"""What the pinned packages need themselves is taken as it was on that day: it has no lock file, which names hosts."""
INSTALL: Final = ("npm", "install", "--before", AS_OF, "--legacy-peer-deps", "--ignore-scripts", "--no-package-lock")
WEIGHTS: Final = {"Regular": 400, "Medium": 500}
"""Of Grafana's typeface, which its packages name and do not have."""
QUIET: Final = ("--no-audit", "--no-fund")


def _build(folder: Path) -> None:
    work = folder / "work"
    shutil.copytree(SOURCES, work)
    run([*INSTALL, *QUIET], work)
    page = folder / "page"
    run(["node", "node_modules/vite/bin/vite.js", "build", "--outDir", page], work)
    shutil.copytree(work / "node_modules/@grafana/ui/dist/public/img", page / "public/build/img")
    (page / "public/fonts/inter").mkdir(parents=True)
    for name, weight in WEIGHTS.items():
        font = work / f"node_modules/@fontsource/inter/files/inter-latin-{weight}-normal.woff2"
        shutil.copyfile(font, page / f"public/fonts/inter/Inter-{name}.woff2")
    shutil.rmtree(work)


def _texts() -> list[str]:
    files = sorted(path for path in SOURCES.rglob("*") if path.is_file())
    return [f"{path.relative_to(SOURCES)}\n{path.read_text(encoding='utf-8')}" for path in files]


GRAFANA_UI: Final = Component("grafana-ui", (*_texts(), *INSTALL, *WEIGHTS), _build)
"""Its page is `page/index.html`."""
