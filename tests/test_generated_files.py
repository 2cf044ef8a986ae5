"""Files that are generated and committed are what their generators give today."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GENERATED = {
    "scripts/generate_names.py": "src/firsttoken/semconv/names.py",
    "scripts/generate_docs.py": "docs/telemetry.md",
    "scripts/generate_doctor_docs.py": "docs/doctor.md",
    "scripts/generate_trace_schema.py": "conventions/provider_trace.schema.json",
    "scripts/generate_clickhouse_schema.py": "src/firsttoken/clickhouse/schema/one_server.sql",
    "scripts/generate_normalise.py": "collector-config/normalise.yaml",
    "scripts/generate_redact.py": "collector-config/redact.yaml",
    "dashboards/generate.py": "dashboards/grafana/overview.json",
}


def checked(root: Path, generator: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, root / generator, "--check"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("generator", GENERATED)
def test_the_committed_file_is_fresh(generator):
    result = checked(ROOT, generator)

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(("generator", "generated"), GENERATED.items())
def test_a_file_that_was_edited_by_hand_is_noticed_and_left_alone(tmp_path, generator, generated):
    packages = ("src/firsttoken/semconv", "src/firsttoken/clickhouse")
    for folder in ("scripts", "dashboards", "collector-config", "conventions", "docs", *packages):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    edited = (tmp_path / generated).read_text(encoding="utf-8") + "\n"
    (tmp_path / generated).write_text(edited, encoding="utf-8")

    result = checked(tmp_path, generator)

    assert (1, f"{generated} is stale: run python {generator}\n") == (result.returncode, result.stderr)
    assert edited == (tmp_path / generated).read_text(encoding="utf-8")
