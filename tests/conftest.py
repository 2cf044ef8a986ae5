"""Settings that hold for all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

# A machine under load is slow, not wrong. A failure is shown as found: shrinking it can take longer than all the rest.
settings.register_profile(
    "all",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    print_blob=True,
    derandomize="CI" in os.environ,
)
settings.load_profile("all")
