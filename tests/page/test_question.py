"""Parameters are understood exactly or refused in one line that says what to write instead."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from firsttoken.page.question import BadQuestion, CallsQuestion
from firsttoken.store import Between, Selection

IDS = "ab" * 24
SOME = Selection(
    since_unix_ns=0,
    until_unix_ns=9,
    run_id="a b&c=<",
    models=("gpt-4o", "o*"),
    where={"user.id": "&"},
    without=("session.id", "a&b"),
    between=(Between("first_token", 0.1 + 0.2, None), Between("cost", 1e-9, 2e300)),
    search="a=b & <c>",
)


@pytest.mark.parametrize(
    ("expected", "parameters"),
    [
        (CallsQuestion(), {}),
        (CallsQuestion(limit=1000), {"limit": "1000"}),
        (CallsQuestion(limit=7), {"limit": "007"}),
        (CallsQuestion(), {"search": ""}),
        (CallsQuestion(selection=Selection(search=" x ")), {"search": " x "}),
        (
            CallsQuestion(selection=Selection(between=(Between("total", 1.5, 2),))),
            {"at_least.total": "1.5", "below.total": "2"},
        ),
        (CallsQuestion(selection=Selection(without=("user.id", "x"))), {"without.user_id": "yes", "without.x": "yes"}),
        (CallsQuestion(selection=Selection()), {"model": ""}),
        (CallsQuestion(before=(17, IDS)), {"before": f"17-{IDS}"}),
        (CallsQuestion(selection=Selection(run_id="a b&c")), {"run": "a b&c"}),
        (CallsQuestion(selection=Selection(where={"firsttoken.run.id": "r=1"})), {"run_id": "r=1"}),
        (CallsQuestion(selection=Selection(where={"firsttoken.run.id": "r1"})), {"run.id": "r1"}),
        (CallsQuestion(selection=Selection(where={"user.id": "", "limit": "x"})), {"user.id": "", "where.limit": "x"}),
    ],
)
def test_a_question_about_calls_is_read(expected: CallsQuestion, parameters: dict[str, str]) -> None:
    assert CallsQuestion.read(parameters) == expected


@pytest.mark.parametrize(
    ("expected", "parameters"),
    [
        ("limit='0' is not a whole number from 1 to 1000", {"limit": "0"}),
        ("limit='1001' is not a whole number from 1 to 1000", {"limit": "1001"}),
        ("limit='-1' is not a whole number from 1 to 1000", {"limit": "-1"}),
        ("limit='1e2' is not a whole number from 1 to 1000", {"limit": "1e2"}),
        ("limit='' is not a whole number from 1 to 1000", {"limit": ""}),
        ("limit='٣' is not a whole number from 1 to 1000", {"limit": "٣"}),
        ("before='x' is not a place in the list: follow its link to what is older", {"before": "x"}),
        ("run must be the id of a run, of 1 to 200 characters", {"run": ""}),
        ("run must be the id of a run, of 1 to 200 characters", {"run": "x" * 201}),
        ("a condition must be name=value, each of at most 1000 characters", {"where.": "x"}),
        ("a condition must be name=value, each of at most 1000 characters", {"run_id": "x" * 1001}),
        ("a condition must be name=value, each of at most 1000 characters", {"where." + "x" * 1001: "x"}),
        ("there are more than 20 conditions: leave some out", {f"where.a{number}": "x" for number in range(21)}),
        ("a condition on what calls do not say must be without.NAME=yes", {"without.user": "no"}),
        ("a condition on what calls do not say must be without.NAME=yes", {"without.": "yes"}),
        ("there are more than 20 conditions: leave some out", {f"without.a{number}": "yes" for number in range(21)}),
        ("search must be a text of at most 1000 characters", {"search": "x" * 1001}),
        ("'model' is no figure of a call: use one such as first_token, total or cost", {"below.model": "1"}),
        ("below.cost='nan' is not a number from 0 on", {"below.cost": "nan"}),
        ("at_least.cost='' is not a number from 0 on", {"at_least.cost": ""}),
        (
            "there is no parameter 'limt' here: use before, limit, model, run, search, since, until, where.NAME, "
            "without.NAME, at_least.NAME, below.NAME",
            {"limt": "5"},
        ),
    ],
)
def test_a_question_about_calls_that_cannot_be_understood_is_refused(expected: str, parameters: dict[str, str]) -> None:
    with pytest.raises(BadQuestion) as refusal:
        CallsQuestion.read(parameters)
    assert str(refusal.value) == expected


@pytest.mark.parametrize("word", [f"{2**63}-{IDS}", f"1-{IDS[:-1]}", f"1-{IDS.upper()}", f"-1-{IDS}", f"1-{IDS}\n"])
def test_a_place_in_the_list_that_no_call_can_have_is_refused(word: str) -> None:
    with pytest.raises(BadQuestion, match="not a place in the list"):
        CallsQuestion.read({"before": word})


@pytest.mark.parametrize("word", ["-1", "yesterday", str(2**63), "9" * 5000])
def test_a_moment_that_nobody_can_read_is_refused(word: str) -> None:
    with pytest.raises(BadQuestion, match=r"nor a count of nanoseconds$"):
        CallsQuestion.read({"since": word})


@pytest.mark.parametrize("question", [CallsQuestion(), CallsQuestion(limit=5, selection=SOME)])
def test_the_address_of_older_calls_asks_the_same_question_from_there_on(question: CallsQuestion) -> None:
    address = question.address(before=(17, IDS))
    expected = CallsQuestion(question.limit, (17, IDS), question.selection)
    assert CallsQuestion.read(dict(parse_qsl(urlsplit(address).query))) == expected
