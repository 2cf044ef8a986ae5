"""docs/adapter.md and the README say what is so: their code runs, and their tables are those of the code."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Final, get_args

import pytest
from testing.running import run

from firsttoken import adapter, errors
from firsttoken.adapter import Ask, Event, StreamResult
from firsttoken.errors import LLMError
from firsttoken.testing import Answer, ErrorAnswer, ProviderServer, ReceivedRequest, ToolCall, text_answer

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "adapter.md").read_text(encoding="utf-8")
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    return page.partition(f"## {title}\n")[2].partition("\n## ")[0]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def rows(text: str) -> list[list[str]]:
    """Of its table, without the head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if not line.startswith("| ---")][
        1:
    ]


def said(request: ReceivedRequest) -> Answer:
    booking = ToolCall("book_table", ('{"table": "20:00"}',))
    return Answer(text=("One",), tool_calls=(booking,)) if request.body.get("tools") else text_answer("Guten", " Tag")


def test_the_code_of_the_page_is_a_program_that_runs(tmp_path: Path) -> None:
    program = tmp_path / "page.py"
    program.write_text("\n".join([*blocks(PAGE, "python"), "client.close()"]), encoding="utf-8")
    with ProviderServer(said) as server:
        done = run(server, str(program))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Guten Tag\nUsage(input_tokens=12")
    for told in ("TextDelta(text='Guten', choice=0)\n", "{'user_id': 'u-1'}\n", "ask a person first\n"):
        assert told in done.stdout
    assert "".join(blocks(PAGE, "text")) in done.stdout
    assert done.stdout.endswith("hello sailor!\n")


@pytest.mark.parametrize("status", [200, 401])
def test_the_code_of_the_readme_is_a_program_that_runs(status: int, tmp_path: Path) -> None:
    (block,) = blocks(section(README, "Stream over any provider"), "python")
    program = tmp_path / "readme.py"
    program.write_text(block, encoding="utf-8")
    with ProviderServer() as server:
        server.enqueue(text_answer("Guten", " Tag") if status == 200 else ErrorAnswer(status=status))
        done = run(server, str(program))
    assert (done.returncode, done.stderr) == (0, "")
    told = {200: r"Guten Tag\nUsage\(.*\), first token after 0\.\d+ s\n", 401: r"anthropic failed .* False\n"}[status]
    assert re.fullmatch(told, done.stdout)


def test_the_table_of_events_is_that_of_the_code() -> None:
    documented = {name.strip("`"): re.findall(r"`(\w+)`", meaning) for name, meaning in rows(section(PAGE, "Events"))}
    assert {kind.__name__: sorted({field.name for field in fields(kind)} - {"chunk"}) for kind in get_args(Event)} == {
        name: sorted(told) for name, told in documented.items()
    }


def test_the_table_of_the_result_names_what_it_has() -> None:
    for names, *_ in rows(section(PAGE, "What it came to")):
        for name in re.findall(r"`([\w.]+)`", names):
            value: object = StreamResult()
            for part in name.split("."):
                assert hasattr(value, part), name
                value = getattr(value, part)


def test_an_ask_has_the_fields_that_are_named() -> None:
    asked = section(PAGE, "What is asked")
    assert all(f"`{field.name}`" in asked for field in fields(Ask))


def test_the_table_of_errors_is_that_of_the_code() -> None:
    documented = {
        name.strip("`"): (category.strip("`"), retryable, meaning)
        for name, category, retryable, meaning in rows(section(PAGE, "Errors"))
    }
    classes = {
        name: cls
        for name, cls in vars(errors).items()
        if isinstance(cls, type) and issubclass(cls, LLMError) and cls is not LLMError
    }
    assert documented.keys() == classes.keys()
    for name, (category, retryable, meaning) in documented.items():
        (above,) = classes[name].__bases__
        assert (classes[name].category, "yes" if classes[name].retried else "no") == (category, retryable)
        assert (above is not LLMError) == (f"an `{above.__name__}`" in meaning)


def test_every_public_name_is_there() -> None:
    assert [name for name in adapter.__all__ if not hasattr(adapter, name)] == []
