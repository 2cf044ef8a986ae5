"""The answers that a report is made of, asked one after the other of whoever has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from firsttoken.analyse.answers import Report
from firsttoken.analyse.asking import Answer, AnswerT, OptionsT
from firsttoken.analyse.costs import COST, CostAnswer, CostOptions
from firsttoken.analyse.failing import ERRORS, ErrorsAnswer, ErrorsOptions
from firsttoken.analyse.latency import LATENCY, LatencyAnswer, LatencyOptions
from firsttoken.analyse.listing import CALLS, CallsAnswer, CallsOptions
from firsttoken.analyse.reporting import REPORT, ReportOptions
from firsttoken.analyse.watching import advance
from firsttoken.store import Selection

STEPS: Final = ("day", "hour", "minute")
FEW_STEPS: Final = 3
"""So few of one step make no line: the next finer one is taken."""
NAMED_CALLS: Final = 8


class Answers(Protocol):
    """A running server or a store."""

    def answer(self, answer: Answer[OptionsT, AnswerT], options: OptionsT) -> AnswerT: ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of one selection."""

    by: tuple[str, ...]
    """What the calls are told apart by: the model, unless something else was asked for."""
    step: str
    """`day`, `hour` or `minute`: the first value of each group of `latency_over_time`."""
    report: Report
    latency: LatencyAnswer
    latency_over_time: LatencyAnswer
    errors: ErrorsAnswer
    cost: CostAnswer
    cost_by_day: CostAnswer
    costliest: CallsAnswer


def gather(source: Answers, selection: Selection, group_by: tuple[str, ...]) -> Gathered:
    """Raises FirstTokenError, also where there are no calls."""
    by = group_by or ("model",)
    told = _Told(source)
    step = _step(told, selection)
    over_time = LatencyOptions(selection=selection, group_by=(step, *by), slowest=0)
    return Gathered(
        by=by,
        step=step,
        report=told.answer(REPORT, ReportOptions(selection=selection)),
        latency=told.answer(LATENCY, LatencyOptions(selection=selection, group_by=by, slowest=NAMED_CALLS)),
        latency_over_time=told.answer(LATENCY, over_time),
        errors=told.answer(ERRORS, ErrorsOptions(selection=selection, group_by=by, chains=0)),
        cost=told.answer(COST, CostOptions(selection=selection, group_by=by)),
        cost_by_day=told.answer(COST, CostOptions(selection=selection, group_by=("day", *by))),
        costliest=told.answer(CALLS, CallsOptions(selection=selection, first="costliest", limit=NAMED_CALLS)),
    )


class _Told:
    """Tells whoever watches of each answer."""

    def __init__(self, source: Answers) -> None:
        self._source = source

    def answer(self, answer: Answer[OptionsT, AnswerT], options: OptionsT) -> AnswerT:
        found = self._source.answer(answer, options)
        advance(1)
        return found


def _step(source: Answers, selection: Selection) -> str:
    """The coarsest that tells enough moments apart."""
    for step in STEPS[:-1]:
        found = source.answer(LATENCY, LatencyOptions(selection=selection, group_by=(step,), slowest=0))
        if len(found.rows) > FEW_STEPS:
            return step
    return STEPS[-1]
