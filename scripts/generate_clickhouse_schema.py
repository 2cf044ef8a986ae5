"""Writes the schema for ClickHouse as SQL, for one server and for a cluster, from its templates and columns.

Run with --check to fail when a committed file is stale.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Final

from generated_file import ROOT, write_or_check

from firsttoken.clickhouse.schema import Variant, script

FOLDER: Final = ROOT / "src" / "firsttoken" / "clickhouse" / "schema"
VARIANTS: Final = {
    "one_server.sql": Variant(),
    "replicated_cluster.sql": Variant(cluster="{cluster}", replicated=True),
}
"""`{cluster}` is the server's own macro for the name of its cluster."""


def main() -> int:
    return max(
        write_or_check(FOLDER / name, partial(script, variant), script=__file__, about=__doc__)
        for name, variant in VARIANTS.items()
    )


if __name__ == "__main__":
    sys.exit(main())
