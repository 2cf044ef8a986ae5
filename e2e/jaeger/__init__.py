"""What is promised of Jaeger, tried in a real one. The code of the boards is found as they find each other."""

import sys

from e2e.programs import ROOT

sys.path.insert(0, str(ROOT / "dashboards"))
