"""The application of docker-compose.yaml: calls of both SDKs, again and again, to a provider server of its own.

It knows nothing of being observed. `ROUNDS` ends it after so many; without it, it goes on until it is stopped.
"""

from __future__ import annotations

import itertools
import os
import signal
import time

from firsttoken.testing import DefaultScript, ProviderServer
from firsttoken.testing.workload import run_workload

PAUSE_S = 20


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    last = int(os.environ.get("ROUNDS", "0"))
    pace = float(os.environ.get("PACE", "1"))
    with ProviderServer(DefaultScript(pace=pace)) as server:
        for number in itertools.count(1):
            run_workload(server.base_url)
            print(f"round {number} is done", flush=True)
            if number == last:
                return
            time.sleep(PAUSE_S)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("stopped", flush=True)
