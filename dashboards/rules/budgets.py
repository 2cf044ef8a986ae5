"""An example of budgets: series that nobody but the user can know, in a file that is made to be changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from boards.queries import CURRENCY, SERVICE

from rules.recorded import BUDGET

EXAMPLES: Final = ((1000, "USD", None), (200, "USD", "shop"))
"""An amount for a month, its currency, and of which service alone."""


def groups() -> Iterator[Mapping[str, Any]]:
    yield {"name": "firsttoken-budgets", "rules": [_budget(*example) for example in EXAMPLES]}


def _budget(amount: int, currency: str, service: str | None) -> Mapping[str, Any]:
    whose = {} if service is None else {SERVICE: service}
    return {"record": BUDGET, "expr": f"vector({amount})", "labels": {CURRENCY: currency, **whose}}
