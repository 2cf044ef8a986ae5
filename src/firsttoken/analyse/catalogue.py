"""Every kind of answer, by its name: one line makes it a command's and a running server's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firsttoken.analyse.arriving import HEALTH
from firsttoken.analyse.asking import AnyAnswer
from firsttoken.analyse.bills import LEDGER
from firsttoken.analyse.budgets import BUDGETS
from firsttoken.analyse.comparing import COMPARE
from firsttoken.analyse.costs import COST
from firsttoken.analyse.failing import ERRORS
from firsttoken.analyse.heatmap import HEATMAP
from firsttoken.analyse.latency import LATENCY
from firsttoken.analyse.listing import CALLS
from firsttoken.analyse.reporting import REPORT
from firsttoken.analyse.showing import SHOW
from firsttoken.analyse.tracing import TRACE
from firsttoken.analyse.trend import TREND
from firsttoken.analyse.what_if import WHAT_IF

ANSWERS: Final[Mapping[str, AnyAnswer]] = {
    answer.name: answer
    for answer in (
        REPORT,
        CALLS,
        LATENCY,
        TREND,
        HEATMAP,
        ERRORS,
        COST,
        LEDGER,
        COMPARE,
        SHOW,
        HEALTH,
        TRACE,
        WHAT_IF,
        BUDGETS,
    )
}
