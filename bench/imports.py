"""What `import firsttoken` and `instrument()` cost, each in a fresh interpreter."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from typing import Final

from bench.figures import Figure, Spread, Table
from bench.fresh import said

SDK: Final = "import opentelemetry.sdk.trace, opentelemetry.sdk.metrics, opentelemetry.sdk._logs"
PROVIDERS: Final = "import openai, anthropic"

IMPORT: Final = "import firsttoken"
INSTRUMENT: Final = "import firsttoken\nfirsttoken.instrument()"


@dataclass(frozen=True, slots=True)
class Start:
    """A program's imports: those before, and those that are timed."""

    what: str
    before: str
    timed: str
    aim_ms: float
    tries: int


STARTS: Final = (
    Start("import firsttoken, after the OpenTelemetry SDK", SDK, IMPORT, 50, tries=25),
    Start("import firsttoken, after that and both provider SDKs", f"{PROVIDERS}\n{SDK}", IMPORT, 50, tries=7),
    Start("import firsttoken and instrument(), after both provider SDKs", PROVIDERS, INSTRUMENT, 150, tries=7),
)


def measure() -> list[Table]:
    return [Table("imports", "CPU time added to the start of a program", "ms", tuple(map(_figure, STARTS)))]


def _figure(start: Start) -> Figure:
    tries = [_cpu_ms(start.before, start.timed) for _ in range(start.tries)]
    bare = statistics.median(before_ms for before_ms, _ in tries)
    return Figure(start.what, bare, Spread.of([timed_ms for _, timed_ms in tries]), start.aim_ms)


def _cpu_ms(before: str, timed: str) -> tuple[float, float]:
    code = "\n".join(
        [
            "import json, time",
            "marks = [time.process_time_ns()]",
            before,
            "marks.append(time.process_time_ns())",
            timed,
            "marks.append(time.process_time_ns())",
            "print(json.dumps(marks))",
        ]
    )
    started, imported, ended = json.loads(said(code))
    return (imported - started) / 1e6, (ended - imported) / 1e6
