"""Parameters are understood exactly or refused in one line that says what to write instead."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from firsttoken.page.question import BadQuestion, CallsQuestion, ReportQuestion

IDS = "ab" * 24


@pytest.mark.parametrize(
    ("expected", "parameters"),
    [
        (CallsQuestion(), {}),
        (CallsQuestion(limit=1000), {"limit": "1000"}),
        (CallsQuestion(limit=7), {"limit": "007"}),
        (CallsQuestion(before=(17, IDS)), {"before": f"17-{IDS}"}),
        (CallsQuestion(run_id="a b&c"), {"run": "a b&c"}),
        (CallsQuestion(where={"firsttoken.run.id": "r=1"}), {"run_id": "r=1"}),
        (CallsQuestion(where={"firsttoken.run.id": "r1"}), {"run.id": "r1"}),
        (CallsQuestion(where={"user.id": "", "limit": "x"}), {"user.id": "", "where.limit": "x"}),
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
        ("before='x' is not a place in the list: follow the link to older calls", {"before": "x"}),
        ("run must be the id of a run, of 1 to 200 characters", {"run": ""}),
        ("run must be the id of a run, of 1 to 200 characters", {"run": "x" * 201}),
        ("a condition must be name=value, each of at most 1000 characters", {"where.": "x"}),
        ("a condition must be name=value, each of at most 1000 characters", {"run_id": "x" * 1001}),
        ("a condition must be name=value, each of at most 1000 characters", {"where." + "x" * 1001: "x"}),
        ("there are more than 20 conditions: leave some out", {f"where.a{number}": "x" for number in range(21)}),
        ("there is no parameter 'limt' here: use before, limit, run, where.NAME", {"limt": "5"}),
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


def test_a_question_about_sums_is_read() -> None:
    assert ReportQuestion.read({"since": "0", "run": "r1"}) == ReportQuestion(since_unix_ns=0, run_id="r1")


@pytest.mark.parametrize("word", ["-1", "yesterday", str(2**63), "9" * 5000])
def test_a_moment_that_is_not_a_count_of_nanoseconds_is_refused(word: str) -> None:
    with pytest.raises(BadQuestion, match="is not a whole number from 0 to"):
        ReportQuestion.read({"since": word})


@pytest.mark.parametrize("question", [CallsQuestion(), CallsQuestion(limit=5, run_id="a b&c=<")])
def test_the_address_of_older_calls_asks_the_same_question_from_there_on(question: CallsQuestion) -> None:
    address = question.address(before=(17, IDS))
    expected = CallsQuestion(question.limit, (17, IDS), question.run_id)
    assert CallsQuestion.read(dict(parse_qsl(urlsplit(address).query))) == expected
