"""The data sources for Grafana: each leads to another that is there, and asks for series that are emitted."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from .committed import FOLDER
from .test_board import emitted_names

FILES = sorted((FOLDER / "provisioning").glob("datasources*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_data_source_leads_to_one_that_is_there(path):
    sources = yaml.safe_load(path.read_text(encoding="utf-8"))["datasources"]
    led_to = set(re.findall(r'"datasourceUid": "([\w-]+)"', json.dumps(sources)))

    assert {source["uid"] for source in sources} == led_to


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_metric_of_a_span_is_one_that_we_emit(path):
    named = set(re.findall(r"rate\((\w+)", path.read_text(encoding="utf-8")))

    assert len(named) == 3
    assert set() == named - emitted_names()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_addresses_are_taken_from_the_environment(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    alone = [line.strip() for line in lines if re.search(r"(?<!\$)\$(?!\$)", line)]

    assert all(re.fullmatch(r"url: \$[A-Z]+_URL", line) for line in alone)
    assert len(alone) == 3
