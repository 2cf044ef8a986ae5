"""Who stands around an SDK's functions."""

from __future__ import annotations

import anthropic
import openai
import pytest
from openai.resources.chat.completions import Completions

import firsttoken
from firsttoken.diagnosis.wrappers import Wrapped, authors, chain, wrapped_functions

from .conftest import Author

CREATE = "Completions.create"
MODULE = Completions.__module__


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_an_sdk_alone_has_no_wrappers_of_others(sdk: str) -> None:
    assert {"openai": openai, "anthropic": anthropic}[sdk]
    assert wrapped_functions(sdk) == []


def test_our_own_wrappers_are_not_those_of_others() -> None:
    firsttoken.instrument()
    assert wrapped_functions("openai") + wrapped_functions("anthropic") == []


@pytest.mark.parametrize("way", ["through_wrapt", "through_functools", "instead_of", "through_an_object"])
def test_whoever_wraps_a_function_is_found_by_where_the_wrapper_was_written(
    way: str, author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Completions, "create", author("vendor.patching")[way](Completions.create))
    assert [Wrapped(CREATE, MODULE, ("vendor.patching",))] == wrapped_functions("openai")


def test_two_who_wrap_one_function_are_found_from_the_outside_in(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = author("first")["through_functools"](Completions.create)
    monkeypatch.setattr(Completions, "create", author("second")["through_wrapt"](inner))
    assert [Wrapped(CREATE, MODULE, ("second", "first"))] == wrapped_functions("openai")


def test_a_wrapper_around_ours_is_found_and_ours_behind_it(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    firsttoken.instrument()
    base = openai._base_client.SyncAPIClient
    with monkeypatch.context() as patch:  # Undone before ours is, which would else stay.
        patch.setattr(base, "request", author("vendor")["through_wrapt"](vars(base)["request"]))
        assert [found.place for found in wrapped_functions("openai")] == ["SyncAPIClient.request"]
        assert list(authors(vars(base)["request"])) == ["vendor", "firsttoken.observe.patch", "openai._base_client"]


def test_a_chain_that_closes_on_itself_comes_to_an_end() -> None:
    def snake() -> None: ...

    snake.__wrapped__ = snake  # type: ignore[attr-defined]
    assert len(list(chain(snake))) == 50


@pytest.mark.parametrize(
    "thing", [None, 1, "text", openai, openai.OpenAI], ids=["none", "int", "str", "module", "class"]
)
def test_what_is_no_function_has_no_authors(thing: object) -> None:
    assert list(authors(thing)) == []


class Unloaded:
    """Like an SDK's stand-in for a package that is not installed."""

    def __getattribute__(self, name: str) -> object:
        raise ImportError("it is not installed")


def test_what_must_not_be_touched_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai._base_client, "unloaded", Unloaded(), raising=False)
    monkeypatch.setattr(Completions, "unloaded", Unloaded(), raising=False)
    assert wrapped_functions("openai") == []
    assert list(authors(Unloaded())) == []
