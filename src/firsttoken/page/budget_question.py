"""The budgets of a server, as they are asked for now."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Final

from firsttoken.analyse.budget_file import read_budgets
from firsttoken.analyse.budgets import BudgetOptions

WARN: Final = Decimal("0.8")


def budgets_now(file: Path) -> BudgetOptions:
    """The file is read each time: a change of it is seen at once. Raises SettingsError."""
    return BudgetOptions(budgets=read_budgets(file), now_unix_ns=time.time_ns(), warn=WARN)
