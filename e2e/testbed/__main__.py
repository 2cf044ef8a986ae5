"""Builds what is not built yet and prints where each is: `python -m e2e.testbed [NAME...]`.

Without a name it is all that `make e2e` drives; servers from PyPI are built where they are named.
"""

from __future__ import annotations

import sys
from typing import Final

from e2e.testbed.alertmanager import ALERTMANAGER
from e2e.testbed.cache import NotToBeHad, ready
from e2e.testbed.collector import COLLECTOR
from e2e.testbed.debian import DEBIAN
from e2e.testbed.from_pypi import MLFLOW, PHOENIX
from e2e.testbed.grafana_ui import GRAFANA_UI
from e2e.testbed.jaeger import JAEGER
from e2e.testbed.loki import LOKI
from e2e.testbed.manifests import MANIFESTS
from e2e.testbed.tempo import TEMPO
from e2e.testbed.victoria_logs import VICTORIA_LOGS

EVERY: Final = (DEBIAN, COLLECTOR, JAEGER, MANIFESTS, ALERTMANAGER, GRAFANA_UI, LOKI, TEMPO, VICTORIA_LOGS)
COMPONENTS: Final = {component.name: component for component in (*EVERY, PHOENIX, MLFLOW)}


def main(names: list[str]) -> int:
    if unknown := sorted(set(names) - COMPONENTS.keys()):
        print(f"testbed: there is no {', '.join(unknown)}; there are {', '.join(COMPONENTS)}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or [component.name for component in EVERY]:
        try:
            print(name, ready(COMPONENTS[name]))
        except (NotToBeHad, OSError) as error:
            print(f"testbed: {name} could not be built: {error}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
