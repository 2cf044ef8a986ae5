"""A server in a process of its own, which can be signalled and killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVE = """
import sys
from pathlib import Path
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store
with Store.open(Path(sys.argv[1])) as store:
    server = Server(store, ServeSettings(grpc_port=0, http_port=0, page_port=None))
    server.start()
    print(server.ports.http_endpoint, flush=True)
    server.run_forever()
print("stopped", flush=True)
"""


@contextmanager
def serving(path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and where it receives."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()
