"""docs/overhead.md: the tables of a run, and how to read them."""

from __future__ import annotations

import os
import platform
import sysconfig
from collections.abc import Iterable

from bench.baseline import versions_here
from bench.figures import Table

OPENING = """\
# What observing costs

Written by `make bench ARGS="--write docs/overhead.md instructions memory"`. Without names it adds the times and the
throughput, each measured with and without firsttoken in turn; `make bench ARGS=per_call` prints one of them.
`make bench-check` counts again and fails where a figure has grown by more than a tenth of what
[bench/baseline.json](../bench/baseline.json) says.

**Instructions** are counted under callgrind: unlike times they repeat within half a per cent, whatever else the
machine does. On a quiet core 100,000 of them took about 10 µs. One process streams short and long answers of the same
words with a bare SDK, observed without content, observed with content, and bare once more: a chunk costs the slope
between the two lengths, the call beside its chunks what is left. So that a figure is not lost in the SDK's own, which
moves by as much, the chunks that the SDK once parsed are replayed to the caller, through the SDK's own stream object.
What the bare SDK takes for a chunk, and so the ratio, is counted with every chunk parsed.

*Caller* is the thread that reads the stream, *all threads* has besides what is done in the background up to the
export of spans, metrics and log events to exporters that drop them, the histogram of the times between chunks
included. What is bare is the SDK with its own tracing off. Another build of Python takes other numbers of
instructions, for us as for the SDKs: which one counted here is said below.

**Times** are the differences of medians, each with the interval in which nine in ten of such medians would lie. They
are worth what the machine was worth when they were taken: a shared one changes its speed by half within seconds.
"""


def report(tables: Iterable[Table]) -> str:
    """Markdown. What misses its aim says so."""
    versions = versions_here()
    there = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "python")
    machine = f"{_python()} on {os.cpu_count()} cores of {platform.machine()}; {there}."
    blocks = [f"## {table.title}\n\n```text\n{table.as_text()}\n```\n" for table in tables]
    return "\n".join([OPENING, f"This run: {machine}\n", *blocks])


def _python() -> str:
    optimized = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    built = "with" if optimized else "without"
    return f"{platform.python_implementation()} {platform.python_version()}, built {built} `--enable-optimizations`,"
