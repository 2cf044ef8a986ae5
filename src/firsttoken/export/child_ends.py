"""The end of a child of `multiprocessing`, `billiard` or Celery: none of them runs the exit handlers of Python."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from firsttoken.guard import guarded

FAMILIES: Final = ("multiprocessing", "billiard")
FIRST: Final = 100
"""Before what closes the queues and pools of the child."""


@guarded("prepare the end of a child process")
def at_child_end(action: Callable[[], object]) -> None:
    """Has it done where this process is such a child. Imports nothing."""
    for family in FAMILIES:
        process, util = sys.modules.get(f"{family}.process"), sys.modules.get(f"{family}.util")
        if process is not None and util is not None and _is_child(process):
            util.Finalize(None, action, exitpriority=FIRST)
    if (signals := sys.modules.get("celery.signals")) is not None:
        # Celery's children leave by os._exit, and have this signal before. Its main process has it never.
        signals.worker_process_shutdown.connect(partial(_without_arguments, action), weak=False)


def _without_arguments(action: Callable[[], object], **sent: object) -> None:
    del sent
    action()


def _is_child(process: Any) -> bool:
    return getattr(process.current_process(), "_parent_pid", None) is not None
