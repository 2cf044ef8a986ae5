"""The OpenTelemetry Collector with the components that the configurations name, by its official builder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component
from e2e.testbed.commands import GO, run

BUILDER: Final = "go.opentelemetry.io/collector/cmd/builder@v0.161.0"
MANIFEST: Final = Path(__file__).with_name("collector.yaml")


def _build(folder: Path) -> None:
    run(["go", "install", BUILDER], folder, **GO, GOBIN=str(folder))
    run([folder / "builder", "--config", MANIFEST, "--ldflags", "-s -w"], folder, **GO)
    (folder / "otelcol" / "otelcol").rename(folder / "collector")
    (folder / "builder").unlink()


COLLECTOR: Final = Component("collector", (MANIFEST.read_text(encoding="utf-8"), BUILDER, *GO.values()), _build)
"""Its program is `collector`."""
