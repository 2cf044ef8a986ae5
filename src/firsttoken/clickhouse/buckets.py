"""Calls by the time of their start, in buckets: how many records came to each, and of how many it was settled whose
they are.

A bucket is settled when nothing has come to it since the records that it has were compared and what was found out stood
in the rows already. Questions compare what is not settled as they read it.
"""

from __future__ import annotations

from typing import Final

from firsttoken.store.merging import LONGEST_WAIT_NS

WIDTH_NS: Final = LONGEST_WAIT_NS // 2
AROUND: Final = LONGEST_WAIT_NS // WIDTH_NS
"""So many buckets before and after one may have records of the same calls."""
NEAR_BUCKETS: Final = f"arrayJoin(range(bucket - {AROUND}, bucket + {AROUND + 1}))"
QUIET_S: Final = 120
"""How long after its last record a bucket is settled: whatever was written together is to be seen by then."""
AT_ONCE: Final = 1_000_000
"""So many records are compared at once, give or take a bucket; the newest first."""

UNSETTLED: Final = "not settled whose the records are"
"""What a view says that does not compare them."""


def bucket_of(time: str) -> str:
    return f"intDiv({time}, {WIDTH_NS})"


def unsettled(buckets: str) -> str:
    """Those of which a question has to find out itself. One instrumentation alone never records a call twice."""
    return f"SELECT bucket FROM {buckets} WHERE {several(buckets)} GROUP BY bucket HAVING sum(came) > max(settled)"


def several(buckets: str) -> str:
    """Whether more than one instrumentation has recorded calls."""
    return f"(SELECT ifNull(min(scope) != max(scope), false) FROM {buckets} WHERE came > 0)"


def to_settle(buckets: str, quiet_s: int) -> str:
    """The next buckets to settle, with how many records came to each."""
    quiet = (
        f"SELECT bucket, sum(came) AS records FROM {buckets} WHERE {several(buckets)} GROUP BY bucket "
        f"HAVING sum(came) > max(settled) AND max(last) <= now() - {quiet_s}"
    )
    return (
        "SELECT bucket, records FROM (SELECT bucket, records, "
        "sum(records) OVER (ORDER BY bucket DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far "
        f"FROM ({quiet})) WHERE so_far - records < {AT_ONCE}"
    )
