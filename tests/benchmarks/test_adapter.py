"""What the adapter adds to each event, as it is told of what was counted."""

from __future__ import annotations

from bench.adapter import AIM_INSTRUCTIONS, counted
from bench.callgrind import Counts
from bench.counted import ADAPTED, LONG, SHORT
from bench.instructions import Cell


def test_it_is_held_against_its_aim_and_against_no_sdk_whose_chunks_were_not_parsed() -> None:
    per_chunk = {"bare": 2_000, "bare again": 2_000, ADAPTED: 22_000, "off": 6_000}
    lengths = {"short": SHORT, "long": LONG}
    path = {
        f"{side}/{name}/rest": [each * chunks] for side, each in per_chunk.items() for name, chunks in lengths.items()
    }

    adapter, alone = counted([Cell("chat", "sync", Counts(path, {}))]).figures

    assert (adapter.what, adapter.added.median, adapter.aim, adapter.ratio) == (
        "chat, sync, adapter",
        20_000,
        AIM_INSTRUCTIONS,
        None,
    )
    assert (alone.what, alone.added.median, alone.aim, alone.ratio) == ("chat, sync, observed alone", 4_000, None, None)
