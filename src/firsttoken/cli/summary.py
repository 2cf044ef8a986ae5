"""What a run says when its program has ended."""

from __future__ import annotations

from firsttoken.analyse import Health, Percentiles, Report
from firsttoken.cli import wording
from firsttoken.cli.plain import plain


def summary(report: Report) -> str:
    """A few lines for a person, about a run that saw at least one call."""
    totals = report.totals
    tokens = (
        f"{wording.count(totals.told(totals.input_tokens))} input, "
        f"{wording.count(totals.told(totals.output_tokens))} output"
    )
    lines = [
        f"firsttoken: {wording.calls(totals.calls)}, {wording.errors(totals.errors)}",
        *([f"  errors       {kinds}"] if (kinds := wording.errors_by_category(totals)) else []),
        f"  first token  {_percentiles(totals.first_token)}",
        f"  duration     {_percentiles(totals.duration)}",
        f"  tokens       {tokens}",
        f"  cost         {wording.total_cost(totals)}",
        *(f"  {clause}" for clause in wording.left_out(totals)),
    ]
    return "\n".join(map(plain, lines))


def losses(health: Health) -> list[str]:
    """What a server did not keep, since it started: one line for each reason."""
    lines = [f"the store cannot be written: {health.store_failure}"] if health.store_failure else []
    for things, refused in (("requests", health.refused_requests), ("spans or log records", health.refused_items)):
        lines += [f"{number:,} {things} were refused: {reason}" for reason, number in refused.items() if number]
    return lines


def _percentiles(percentiles: Percentiles) -> str:
    if not percentiles.count:
        return wording.UNKNOWN
    return f"p50 {wording.seconds(percentiles.p50_s)}, p95 {wording.seconds(percentiles.p95_s)}"
