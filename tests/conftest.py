"""Settings that hold for all tests."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from firsttoken.losses import losses, ways

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


# Whoever runs the tests in the background has them ignore these, and a program that is started so cannot trap them.
for number, action in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, action)


def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: a third of the time goes by in waiting for another process, for a socket or for time.

    Runs that are started side by side share them.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, (cores * 3 + 1) // 2 // int(os.environ.get("TEST_RUNS_AT_ONCE", "1")))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What imports and the list of tests leave is out of the collector's sight from here on, for it stays for good."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_lost_before() -> Iterator[None]:
    """What is lost, or could be, is told of the whole process with every other metric: each test begins anew."""
    losses.clear()
    ways.clear()
    yield
    losses.clear()
    ways.clear()
