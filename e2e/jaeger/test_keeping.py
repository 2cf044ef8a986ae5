"""What Jaeger has of before it was stopped."""

from __future__ import annotations

import pytest
from patience import until

from e2e.application import COMPLETED, application
from e2e.jaeger.program import jaeger


@pytest.mark.parametrize(("more", "kept"), [((), False), (("keep.yaml",), True)], ids=["memory", "badger"])
def test_traces_outlive_jaeger_where_they_are_kept_on_disk(tmp_path, more, kept):
    environment = {"JAEGER_FOLDER": str(tmp_path)}
    with jaeger(environment, *more) as before, application(before.otlp, "shop") as app:
        app.call(COMPLETED)
        app.tracers.force_flush()
        until(lambda: before.services() == ["shop"])

    with jaeger(environment, *more) as after:
        assert after.services() == (["shop"] if kept else [])
