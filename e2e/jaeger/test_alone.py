"""Jaeger with jaeger.yaml and nothing beside it, as whoever copies one file has it."""

from __future__ import annotations

import shutil

import pytest
from patience import until

from e2e.jaeger.program import FOLDER, jaeger
from e2e.observed import Otlp, observed

pytestmark = pytest.mark.timeout(900)


def test_the_configuration_works_without_the_files_beside_it(tmp_path):
    shutil.copy(FOLDER / "jaeger.yaml", tmp_path)
    with jaeger({}, folder=tmp_path) as there:
        with observed(Otlp(endpoint=there.otlp)) as app:
            trace = app.stream()
        until(lambda: [span.name for span in there.trace(trace)] == ["chat gpt-4.1"])
