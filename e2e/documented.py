"""Commands and files for the Collector, and environments of applications, as the documentation shows them."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from e2e.programs import CONFIGURATIONS, ROOT

PROGRAM = "otelcol-contrib"
DOCS = ROOT / "docs"
JAEGER = ROOT / "dashboards" / "jaeger"
COMMAND = re.compile(rf"^[#\s]*(?:\S+\.yaml: )?{PROGRAM} (--config .*)$", re.MULTILINE)
YAML = re.compile(r"```yaml\n# (\S+\.yaml)\b(.*?)```", re.DOTALL)
SH = re.compile(r"```sh\n# ([^\n]+)\n(.*?)```", re.DOTALL)
BACK_ENDS = DOCS / "collector" / "back-ends.md"


def commands(page: Path) -> list[tuple[str, ...]]:
    """What stands behind each `--config`, by command."""
    whole = page.read_text(encoding="utf-8").replace("\\\n", "")
    return [tuple(shlex.split(options, comments=True)[1::2]) for options in COMMAND.findall(whole)]


def every_command() -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Of the pages, and of the heads of the configurations."""
    for page in sorted([*DOCS.rglob("*.md"), *CONFIGURATIONS.glob("*.yaml"), *JAEGER.glob("*.yaml")]):
        for configurations in commands(page):
            yield page, configurations


def write_shown_files(page: Path, folder: Path) -> None:
    """The files for which the page has all that is in them, under the names that their first lines say."""
    for name, content in YAML.findall(page.read_text(encoding="utf-8")):
        (folder / name).write_text(content.partition("\n")[2])


def written(page: Path, name: str, folder: Path, places: Mapping[str, str]) -> Path:
    """One of these, with other places for those that it names."""
    write_shown_files(page, folder)
    file = folder / name
    file.write_text(_elsewhere(file.read_text(encoding="utf-8"), places), encoding="utf-8")
    return file


def program(page: Path, name: str) -> list[str]:
    """What stands behind it where the page starts it, in a line of its own."""
    whole = page.read_text(encoding="utf-8").replace("\\\n", "")
    [line] = [line for line in whole.splitlines() if line.startswith(f"{name} ")]
    return shlex.split(line)[1:]


def exported(page: Path, title: str, places: Mapping[str, str]) -> dict[str, str]:
    """The environment that the page's script below this comment makes, with other places for those that it names."""
    script = _elsewhere(dict(SH.findall(page.read_text(encoding="utf-8")))[title], places)
    said = subprocess.run(["env", "-i", "sh", "-ec", f"{script}\nenv -0"], capture_output=True, text=True, check=True)
    variables = dict(line.split("=", 1) for line in said.stdout.split("\0") if line)
    return {name: variables[name] for name in variables if f"{name}=" in script}


def _elsewhere(text: str, places: Mapping[str, str]) -> str:
    for named, place in places.items():
        assert named in text
        text = text.replace(named, place)
    return text


def found(name: str, folder: Path) -> str | Path:
    """What a command names: a text that is a configuration itself, or a file of the page or of ours."""
    if name.startswith("yaml:"):
        return name
    return next((place / name for place in (folder, CONFIGURATIONS, JAEGER) if (place / name).exists()), folder / name)


def shown_series(page: Path) -> set[str]:
    """Names of metrics in the blocks of what the page says one will see. With `_` at its end, it begins several."""
    section = page.read_text(encoding="utf-8").partition("\n## What you will see")[2].partition("\n## ")[0]
    blocks = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    return {
        name for block in blocks for name in re.findall(r"\b(?:otelcol|firsttoken_client|gen_ai_client)_\w+", block)
    }


def missing_of(shown: set[str], there: Iterable[str]) -> set[str]:
    names = set(there)
    return {each for each in shown - names if not (each.endswith("_") and any(name.startswith(each) for name in names))}
