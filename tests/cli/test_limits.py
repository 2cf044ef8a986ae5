"""How long and how much a store keeps is said in ages and sizes, and a slip is refused before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from firsttoken.cli.limits import age_s, size_bytes

from .conftest import Cli


@pytest.mark.parametrize(
    ("expected", "said"), [(90.0, "90s"), (1800.0, "30m"), (5400.0, "1.5h"), (604_800.0, "7d"), (1_209_600.0, " 2 W ")]
)
def test_an_age_is_read(expected: float, said: str) -> None:
    assert age_s(said) == expected


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (500_000_000, "500MB"),
        (2_000_000_000, "2gb"),
        (1_610_612_736, "1.5 GiB"),
        (20_000_000, "20000000"),
        (3 * 10**12, "3t"),
    ],
)
def test_a_size_is_read(expected: int, said: str) -> None:
    assert size_bytes(said) == expected


@pytest.mark.parametrize("said", ["", "0d", "7", "soon", "-1d", "1y", "9" * 400 + "d"])
def test_what_is_no_age_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="is not an age such as 12h, 7d or 4w"):
        age_s(said)


@pytest.mark.parametrize("said", ["", "0", "1MB", "-2GB", "2XB", "many"])
def test_what_is_no_size_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="is not a size of 16MB or more"):
        size_bytes(said)


@pytest.mark.parametrize(
    ("complaint", "arguments"),
    [
        ("is not an age such as", ("--max-age", "soon")),
        ("is not a size of 16MB or more", ("--max-size", "1kB")),
        ("--memory and --max-size exclude each other", ("--memory", "--max-size", "1GB")),
    ],
)
def test_a_server_does_not_start_with_limits_that_cannot_be(
    cli: Cli, tmp_path: Path, complaint: str, arguments: tuple[str, ...]
) -> None:
    done = cli("serve", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert complaint in done.stderr
