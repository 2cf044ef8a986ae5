"""The real promtool: whether rules parse, and what they say of series that are made up."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

FIRING = 'count by (alertname, severity) (ALERTS{alertstate="firing"})'
FOLDER = Path(__file__).resolve().parents[2] / "dashboards" / "prometheus"


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    found = shutil.which("promtool")
    if found is None:
        pytest.fail("promtool is not on PATH: install Debian's package `prometheus`, or put promtool on PATH")
    return subprocess.run([found, *arguments], capture_output=True, text=True, check=False)


def checked(folder: Path, expressions: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Whether they parse. JSON is YAML."""
    rules = [{"record": f"query:{number}", "expr": expression} for number, expression in enumerate(expressions)]
    path = folder / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}))
    return promtool("check", "rules", path)


@dataclass(frozen=True)
class Told:
    """What fires: how severe each alert is, and the texts of its annotations by their name."""

    alerts: Mapping[str, str]
    annotations: Mapping[str, list[str]]

    @property
    def sentences(self) -> list[str]:
        return self.annotations.get("summary", [])


def told(folder: Path, step: str, at: str, series: Mapping[str, str], alerts: Iterable[str]) -> Told:
    """What our rules tell of these series at that time.

    promtool is asked to expect nothing, and says what there was instead.
    """
    test = {
        "interval": step,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": FIRING, "eval_time": at, "exp_samples": []}],
        "alert_rule_test": [{"eval_time": at, "alertname": name, "exp_alerts": []} for name in alerts],
    }
    files = [str(FOLDER / name) for name in ("recording.yaml", "alerts.yaml")]
    path = folder / "test.yml"
    order = [group["name"] for file in files for group in yaml.safe_load(Path(file).read_text())["groups"]]
    rules = {"rule_files": files, "evaluation_interval": step, "group_eval_order": order}
    path.write_text(json.dumps({**rules, "tests": [test]}))
    result = promtool("test", "rules", path)
    said = result.stdout + result.stderr
    assert ("SUCCESS" in said) == (result.returncode == 0), said
    return Told(
        dict(re.findall(r'\{alertname="(\w+)", severity="(\w+)"\} 1E\+00', said)),
        {name: sorted(texts) for name, texts in _annotations(said).items()},
    )


def answers(
    folder: Path, expression: str, at: str, series: Mapping[str, str], step: str = "1m"
) -> Mapping[tuple[tuple[str, str], ...], float]:
    """What Prometheus would answer then, by labels."""
    test = {
        "interval": step,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": expression, "eval_time": at, "exp_samples": [{"labels": "none{}", "value": 0}]}],
    }
    path = folder / "test.yml"
    path.write_text(json.dumps({"evaluation_interval": step, "tests": [test]}))
    result = promtool("test", "rules", path)
    said = result.stdout + result.stderr
    assert "got:" in said, said
    found = re.findall(r"(\{[^{}]*\}) ([-+.0-9E]+|NaN|[-+]Inf)", said[said.index("got:") :])
    return {tuple(re.findall(r'(\w+)="([^"]*)"', labels)): float(value) for labels, value in found}


def _annotations(said: str) -> Mapping[str, list[str]]:
    """Of every alert that promtool shows. Each text is quoted."""
    found: dict[str, list[str]] = {}
    for line in re.findall(r"Annotations:\{(.*)\}", said):
        for name, text in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', line):
            found.setdefault(name, []).append(text)
    return found
