"""What the Collector makes of spans has the names, units and bounds of what the package itself sends."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from firsttoken.semconv import names, own
from firsttoken.semconv.metric import Metric

CONFIGURATION = Path(__file__).resolve().parents[2] / "collector-config" / "span-metrics.yaml"
TABLES = {value.name: value for module in (names, own) for value in vars(module).values() if isinstance(value, Metric)}
CONNECTORS = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))["connectors"]
MADE = CONNECTORS["signal_to_metrics"]["spans"]


def as_told(made: dict) -> Metric:
    """A metric of the configuration, as our tables have them."""
    if "histogram" not in made:
        return Metric(made["name"], "counter" if made["sum"]["monotonic"] else "up-down counter", made["unit"])
    return Metric(made["name"], "histogram", made["unit"], tuple(made["histogram"]["buckets"]))


@pytest.mark.parametrize("made", MADE, ids=lambda made: made["name"])
def test_a_metric_made_of_spans_is_that_of_the_package(made):
    assert as_told(made) == TABLES[made["name"]]


def test_the_length_of_spans_is_the_duration_of_inferences():
    made = CONNECTORS["span_metrics"]
    unit = made["histogram"]["unit"]
    bounds = tuple(int(bound.removesuffix("ms")) / 1000 for bound in made["histogram"]["explicit"]["buckets"])

    told = names.GEN_AI_CLIENT_INFERENCE_DURATION
    assert Metric(f"{made['namespace']}.duration", "histogram", unit, bounds) == told
