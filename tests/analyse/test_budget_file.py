"""The file of budgets: everything it may say, and one clear line for every mistake."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from firsttoken.analyse.budget_file import read_budgets
from firsttoken.analyse.budgets import Budget
from firsttoken.errors import SettingsError

SMALLEST = '[[budget]]\nname = "a"\nlimit = 1\nwindow = "day"\n'


def test_a_file_may_say_all_of_this(tmp_path: Path) -> None:
    path = tmp_path / "budgets.toml"
    path.write_text(
        SMALLEST + '[[budget]]\nname = "b"\nlimit = "0.1"\ncurrency = "eur"\nwindow = " Rolling  24h "\n'
        'model = ["gpt-*", "o3"]\nwhere = { feature = "search", user_id = "u1", beta = true, level = 3 }\n'
        'each = "session_id"\n'
        '[[budget]]\nname = "c"\nlimit = 0.3\nwindow = "week"\nmodel = "x"\neach = ["user", "model"]\n'
    )
    assert read_budgets(path) == (
        Budget(name="a", limit=Decimal(1), window="day"),
        Budget(
            name="b",
            limit=Decimal("0.1"),
            currency="EUR",
            window="rolling 24h",
            models=("gpt-*", "o3"),
            where={"feature": "search", "user.id": "u1", "beta": "true", "level": "3"},
            each=("session.id",),
        ),
        Budget(name="c", limit=Decimal("0.3"), window="week", models=("x",), each=("user", "model")),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no [[budget]] entry: add one with name, limit and window"),
        ("budget = []", "no [[budget]] entry"),
        ("budget = [1]", "[[budget]] number 1 is not a table"),
        ("[[budgets]]", "unknown key 'budgets': start each budget with a line [[budget]]"),
        ("[[budget]", "not valid TOML"),
        ("a = " + "[" * 5000, "not a TOML file of budgets"),
        ("[[budget]]\nlimit = 1\nwindow = 'day'", '[[budget]] number 1 has no name: add name = "..."'),
        ("[[budget]]\nname = 'a'\nwindow = 'day'", "has no limit: give an amount above 0"),
        ("[[budget]]\nname = 'a'\nlimit = 1", 'has no window: give "hour"'),
        (SMALLEST + "users = 1", "has an unknown key 'users': use only name, limit, currency, window"),
        (SMALLEST + SMALLEST, "[[budget]] number 2 has the name of another, 'a'"),
        (SMALLEST.replace("limit = 1", "limit = 0"), "has limit = 0: give an amount above 0"),
        (SMALLEST.replace("limit = 1", "limit = -1"), "has limit = -1: give an amount above 0"),
        (SMALLEST.replace("limit = 1", "limit = nan"), "has limit = NaN: give an amount above 0"),
        (SMALLEST.replace("limit = 1", "limit = 'many'"), "has limit = many: give an amount above 0"),
        (SMALLEST.replace("limit = 1", "limit = 1e99"), "has limit = 1E+99: give an amount above 0"),
        (SMALLEST.replace("limit = 1", "limit = [1]"), "has limit = [1]: give an amount above 0"),
        (SMALLEST.replace("limit = 1", "limit = true"), "has limit = True: give an amount"),
        (SMALLEST.replace('"day"', '"year"'), 'has window = year: give "hour", "day", "week", "month", or for example'),
        (SMALLEST.replace('"a"', '" "'), "has name =  : add name"),
        (SMALLEST + 'currency = "dollars"', "has currency = dollars: give a code of three letters"),
        (SMALLEST + "model = []", "has model = []: give a name or a list of names"),
        (SMALLEST + "each = [1]", "has each = [1]: give an attribute"),
        (SMALLEST + 'where = "user"', "has where = user: give attributes and values"),
        (SMALLEST + "where = { user = [1] }", "has where = {'user': [1]}: give attributes and values"),
    ],
)
def test_every_mistake_is_one_line_that_names_the_file_the_entry_and_what_to_do(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "budgets.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as refused:
        read_budgets(path)
    assert str(refused.value).startswith(f"budget file {path}: ")
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_budgets(tmp_path / "none.toml")
