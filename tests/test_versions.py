"""What is tested together follows from what pyproject.toml promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from version_sets import Combination, combinations, not_oldest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = """\
[project]
requires-python = "{requires}"
classifiers = ["Programming Language :: Python :: 3.11", "Programming Language :: Python :: 3.12", "Typing :: Typed"]
dependencies = ["wrapt>=1.17,<3"]

[project.optional-dependencies]
openai = ["openai>=1.60,<{below}"]
anthropic = ["anthropic>=0.49,<3"]
aside = ["ptars>=0.0.25,<0.1"]
all = ["firsttoken[openai,anthropic]"]
"""


def project(folder: Path, requires: str = ">=3.11,<3.13", below: int = 4) -> Path:
    (folder / "pyproject.toml").write_text(PROJECT.format(requires=requires, below=below))
    (folder / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
    return folder


def named(found: list[Combination], name: str) -> Combination:
    return next(each for each in found if each.name == name)


def test_every_python_and_both_ends_of_every_bound_are_tested(tmp_path: Path) -> None:
    found = combinations(project(tmp_path))
    assert [each.name for each in found] == ["oldest-3.11", "oldest-3.12", "between-3.12", "newest-3.12"]
    assert "--resolution=lowest-direct" in named(found, "oldest-3.11").install
    assert "--requirements=requirements.txt" in named(found, "newest-3.12").install


def test_an_extra_that_is_not_among_all_is_tested_too(tmp_path: Path) -> None:
    for each in ("oldest-3.11", "between-3.12"):
        assert "--editable=.[openai,anthropic,aside]" in named(combinations(project(tmp_path)), each).install


def test_between_is_a_major_version_in_the_middle_of_those_allowed(tmp_path: Path) -> None:
    assert {"openai[aiohttp]>=2,<3", "anthropic[aiohttp]>=1,<2"} <= {
        *named(combinations(project(tmp_path)), "between-3.12").install
    }
    assert "openai[aiohttp]>=3,<4" in named(combinations(project(tmp_path, below=6)), "between-3.12").install


@pytest.mark.parametrize("requires", [">=3.10,<3.13", ">=3.11", ">=3.12,<3.13"])
def test_a_python_that_is_allowed_and_not_named_is_a_mistake(requires: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="requires-python allows"):
        combinations(project(tmp_path, requires=requires))


def test_a_lower_bound_that_nothing_installs_is_told(tmp_path: Path) -> None:
    installed = {"wrapt": "1.17.0", "openai": "1.60.0", "anthropic": "0.49.2", "ptars": "0.0.25"}
    assert not_oldest(project(tmp_path), installed) == ["anthropic>=0.49.2"]
