"""The configuration of Jaeger's page: its menu has the searches of the table, and what it leads to is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from boards.searches import ADDED, BY_VALUE, SAVED
from jaeger_ui import Places, configuration, text_of

from firsttoken.page.question import read_selection
from firsttoken.semconv import names, own

from .committed import BOARDS, FOLDER

DOCUMENTED = (FOLDER.parent / "docs" / "jaeger.md").read_text(encoding="utf-8")
GRAFANA, PAGE = "https://grafana.example.com", "https://calls.example.com"
CONFIGURED = configuration(Places(("shop", "desk"), GRAFANA, PAGE))
PATTERNS = CONFIGURED["linkPatterns"]
OF_TAGS = [pattern for pattern in PATTERNS if pattern["type"] == "tags"]
KNOWN = {value for module in (names, own) for value in vars(module).values() if isinstance(value, str)}
FROM_RESOURCE = {"service.version"}


def test_each_service_has_every_search_in_its_menu():
    [shop, desk, _] = CONFIGURED["menu"]

    assert [shop["label"], desk["label"]] == ["shop", "desk"]
    for group in (shop, desk):
        asked = [parse_qs(urlsplit(item["url"]).query) for item in group["items"]]
        assert [item["label"] for item in group["items"]] == [search.title for search in SAVED]
        assert {each["service"][0] for each in asked} == {group["label"]}
        assert [json.loads(each["tags"][0]) for each in asked] == [search.tags for search in SAVED]


def test_the_menu_does_not_open_a_window_for_a_search():
    assert {item["anchorTarget"] for group in CONFIGURED["menu"][:2] for item in group["items"]} == {"_self"}


@pytest.mark.parametrize("search", [*SAVED, *BY_VALUE], ids=lambda search: search.title)
def test_a_search_is_for_tags_that_are_sent(search):
    assert set(search.tags) <= KNOWN | set(ADDED) | FROM_RESOURCE


@pytest.mark.parametrize("search", [*SAVED, *BY_VALUE], ids=lambda search: search.title)
def test_the_documentation_says_what_a_search_is_for(search):
    rows = [line.strip("| ").split(" | ") for line in DOCUMENTED.splitlines() if line.startswith("|")]

    assert any(row[-1] == search.question and f"`{search.typed}`" in row[-2] for row in rows)


@pytest.mark.parametrize("search", SAVED, ids=lambda search: search.title)
def test_what_is_typed_into_the_field_is_logfmt(search):
    pairs = re.findall(r'([\w.]+)=("(?:[^"\\]|\\.)*"|[^\s"=]+)(?: |$)', search.typed)

    assert {name: json.loads(value) if value.startswith('"') else value for name, value in pairs} == search.tags


def test_the_collector_adds_the_tags_that_are_searched_for_out_of_those_that_are_sent():
    tags = yaml.safe_load((FOLDER / "jaeger" / "tags.yaml").read_text(encoding="utf-8"))
    statements = tags["processors"]["transform/searchable"]["trace_statements"]

    added = {re.findall(r'attributes\["([\w.]+)"\]', statement)[0] for statement in statements}
    read = {re.findall(r'attributes\["([\w.]+)"\]', statement)[1] for statement in statements}
    assert added == set(ADDED)
    assert read <= KNOWN


@pytest.mark.parametrize("pattern", OF_TAGS, ids=lambda pattern: pattern["key"])
def test_a_link_is_made_of_tags_that_are_sent(pattern):
    assert pattern["key"] in KNOWN
    assert set(re.findall(r"#\{([^}]+)\}", pattern["url"])) <= KNOWN


@pytest.mark.parametrize("pattern", [each for each in PATTERNS if each["url"].startswith(GRAFANA)], ids=str)
def test_a_link_into_grafana_leads_to_a_board_with_its_variables(pattern):
    url = urlsplit(pattern["url"])
    [board] = {board["uid"]: board for board in BOARDS.values() if url.path == f"/d/{board['uid']}"}.values()

    variables = {variable["name"] for variable in board["templating"]["list"]}
    assert {name.removeprefix("var-") for name in parse_qs(url.query)} <= variables


@pytest.mark.parametrize("pattern", [each for each in OF_TAGS if each["url"].startswith(PAGE)], ids=str)
def test_a_link_to_the_page_asks_for_the_calls_with_that_value(pattern):
    [(name, value)] = parse_qs(urlsplit(pattern["url"].replace("#{", "<")).query).items()

    assert read_selection({name: value[0]}).where == {pattern["key"]: f"<{pattern['key']}}}"}


def test_nobody_is_told_who_looks_at_what():
    assert CONFIGURED["tracking"] == {"gaID": None, "trackErrors": False}


def test_the_command_prints_it_for_ones_own_services_and_places():
    script = str(FOLDER / "jaeger_ui.py")
    asked = ["--service", "shop", "--service", "desk", "--grafana", f"{GRAFANA}/", "--firsttoken", PAGE]

    printed = subprocess.run([sys.executable, script, *asked], capture_output=True, text=True, check=True).stdout

    assert printed == text_of(Places(("shop", "desk"), GRAFANA, PAGE))
