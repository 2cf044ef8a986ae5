"""Which clients a wire can be spoken through: those of the SDK itself, whatever they are called.

What merely has the same methods is none of them: the promise that every request leaves its telemetry rests on the
SDK's own way out. Such a client needs a wire of its own.
"""

from __future__ import annotations

import sys
from typing import Any

from firsttoken.providers.sdk import Sdk


def speaks(client: Any, sdk: Sdk, *resource: str) -> bool:
    """Whether it is a client of this SDK that has this resource. An SDK that is not loaded has no clients."""
    if not _is_one(client, sdk, sdk.sync_client) and not is_async(client, sdk):
        return False
    for name in resource:
        client = getattr(client, name, None)
    return hasattr(client, "create")


def is_async(client: Any, sdk: Sdk) -> bool:
    return _is_one(client, sdk, sdk.async_client)


def _is_one(client: Any, sdk: Sdk, kind: str) -> bool:
    return isinstance(client, getattr(sys.modules.get(sdk.module), kind, ()))
