"""`firsttoken collector-config`: a configuration as text, or as files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firsttoken.provided import configurations

from .asking import Ask

CONFIGURATIONS = Path(__file__).resolve().parents[2] / "collector-config"


@pytest.mark.parametrize("name", ["gateway", "gateway.yaml"])
def test_a_configuration_is_printed_as_it_is(ask: Ask, name: str) -> None:
    assert ask("collector-config", name).out == (CONFIGURATIONS / "gateway.yaml").read_text(encoding="utf-8")


def test_without_a_name_all_are_listed_with_what_each_is_for(ask: Ask) -> None:
    answer = ask("collector-config")

    listed = {line.split()[0]: line.split("  ", 1)[1].strip() for line in answer.out.splitlines()[2:]}
    assert listed == {name: each.says for name, each in configurations().items()}
    assert {path.stem for path in CONFIGURATIONS.glob("*.yaml")} - {"kustomization"} | {"kubernetes"} == set(listed)
    assert all(len(says) > 20 for says in listed.values())


def test_a_name_that_is_not_there_is_refused_with_those_that_may_be_meant(ask: Ask) -> None:
    assert (answer := ask("collector-config", "gatway")).code == 2
    assert "There is no configuration 'gatway': did you mean gateway" in answer.err
    assert "local" in ask("collector-config", "zzz").err


def test_a_file_is_written_once_and_never_overwritten(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "otel.yaml"
    assert ask("collector-config", "local", "--output", str(file)).code == 0
    assert file.read_text(encoding="utf-8") == (CONFIGURATIONS / "local.yaml").read_text(encoding="utf-8")
    refused = ask("collector-config", "gateway", "--output", str(file))

    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "is there already and was left as it is" in refused.err


@pytest.mark.parametrize("name", ["docker-compose", "kubernetes"])
def test_one_of_several_files_needs_a_folder_and_is_whole_there(ask: Ask, tmp_path: Path, name: str) -> None:
    refused = ask("collector-config", name)
    assert refused.code == 2
    assert "name a folder for them with --output" in refused.err

    folder = tmp_path / "wall"
    answer = ask("collector-config", name, "--output", str(folder))
    configuration = configurations()[name]
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert (answer.code, written) == (0, set(map(str, configuration.files)))
    assert str(folder / configuration.told_by) in answer.err


def test_the_readme_starts_the_file_that_its_line_before_wrote() -> None:
    readme = (CONFIGURATIONS.parent / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^## On the wall\n.*?^```console\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    lines = block.splitlines()

    assert len(lines) <= 5
    written = re.search(r"docker-compose --output (\S+)", block)
    assert f"docker compose -f {written[1]}/{configurations()['docker-compose'].told_by} up -d" in block
