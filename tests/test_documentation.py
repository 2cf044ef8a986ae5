"""The pages of the documentation lead to each other: no link is dead, and every page is found from the README."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from firsttoken.provided import configurations

ROOT: Final = Path(__file__).resolve().parents[1]
README: Final = ROOT / "README.md"
FOLDERS: Final = ("collector-config", "dashboards", "decisions", "docs", "e2e", "examples")
PAGES: Final = sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])
CODE: Final = re.compile(r"^( *)```.*?^\1```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\]\(<?([^)>\s]+)>?\)")
TITLE: Final = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
PLACE: Final = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")
ELSEWHERE: Final = re.compile(r"[a-z]+:")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def links(page: Path) -> list[tuple[Path, str]]:
    """The file and the place in it to which each link leads that stays in the repository."""
    text = CODE.sub("`code`", page.read_text(encoding="utf-8"))
    found = [link for link in LINK.findall(text) if not ELSEWHERE.match(link)]
    parts = [link.partition("#") for link in found]
    return [((page.parent / path).resolve() if path else page, place) for path, _, place in parts]


@cache
def places(page: Path) -> set[str]:
    """What a link may have behind its `#`, as GitHub makes it of titles."""
    text = page.read_text(encoding="utf-8")
    shown = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in TITLE.findall(text)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in shown} | set(PLACE.findall(text))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_link_of_a_page_is_dead(page: Path) -> None:
    gone = [name(path) for path, _ in links(page) if not path.exists()]
    lost = [
        f"{name(path)}#{place}" for path, place in links(page) if place and path in PAGES and place not in places(path)
    ]

    assert (gone, lost) == ([], [])


def test_every_page_for_users_is_found_from_the_readme() -> None:
    found, new = {README}, [README]
    while new:
        led = {path for path, _ in links(new.pop()) if path in PAGES}
        new += led - found
        found |= led

    assert {name(page) for page in PAGES if "decisions" not in page.parts} - {name(page) for page in found} == set()


def test_every_picture_is_shown_on_a_page() -> None:
    shown = {path for page in PAGES for path, _ in links(page)}

    assert {name(path) for path in (ROOT / "docs" / "images").iterdir()} - {name(path) for path in shown} == set()


def test_the_readme_leads_to_a_board_in_five_lines() -> None:
    section = README.read_text(encoding="utf-8").partition("\n## On the wall\n")[2].partition("\n## ")[0]
    blocks = [block.splitlines() for block in re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)]

    assert blocks
    assert [block for block in blocks if len(block) > 5 or not all(line.startswith("$ ") for line in block)] == []


@pytest.mark.parametrize("configuration", configurations())
def test_the_page_of_a_configuration_says_how_to_get_its_file(configuration: str) -> None:
    led = [(page, path.name) for page in (ROOT / "docs" / "collector").glob("*.md") for path, _ in links(page)]
    pages = {page for page, file in led if file == configurations()[configuration].told_by.name}

    said = re.compile(rf"firsttoken collector-config ({configuration}|NAME)\b")
    assert [page for page in pages if said.search(page.read_text(encoding="utf-8"))] != []
