"""What is run only where somebody asks for it is told nowhere else as passed or skipped."""

from __future__ import annotations

import subprocess
import sys

import pytest

from e2e.conftest import OPT_IN
from e2e.programs import ROOT


@pytest.mark.parametrize(("asked", "there"), [((), set()), (("--others",), set(OPT_IN))])
def test_servers_from_pypi_are_tried_where_they_are_asked_for(asked, there):
    command = [sys.executable, "-m", "pytest", "e2e/others", "--collect-only", "--quiet", *asked]

    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name for name in OPT_IN if name in said} == there
    assert "test_victoria_logs.py" in said
    assert "skipped" not in said
