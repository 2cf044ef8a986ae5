"""Files that are generated and committed are what their generators give today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "generator", ["scripts/generate_names.py", "scripts/generate_docs.py", "dashboards/generate.py"]
)
def test_the_committed_file_is_fresh(generator):
    result = subprocess.run([sys.executable, ROOT / generator, "--check"], capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (0, "")
