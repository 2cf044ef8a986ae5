"""Errors that firsttoken raises from its own tools. Nothing here is ever raised into an observed call.

FirstTokenError
├── SettingsError      a setting or environment variable that cannot be understood
├── StoreError         the store cannot be opened or written
│   ├── OlderStoreError    the store has to be brought up to date first
│   └── StoreBusyError     too much is waiting to be written
├── PortInUseError     an address we need is taken
└── ServerError        a running server did not answer as expected
"""

from __future__ import annotations


class FirstTokenError(Exception):
    """Base of them all. The message says what happened, where, and what to do next, in one line."""


class SettingsError(FirstTokenError):
    """A setting has a value that is not one of its own."""


class StoreError(FirstTokenError):
    """The store is not ours, damaged, read-only, full, locked or of a newer schema."""


class OlderStoreError(StoreError):
    """An older firsttoken made the store. To serve it brings it up to date; to read it alone does not."""


class StoreBusyError(StoreError):
    """More is waiting to be written than the store holds. Try again in a moment."""


class PortInUseError(FirstTokenError):
    """Another program listens on an address that we need."""


class ServerError(FirstTokenError):
    """A server answered, but not as ours does."""
