"""What kind of error a call ended with, and how far it had come."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What an error means for whoever has to act on it, in the same words for every provider."""

    TIMEOUT = "timeout"
    """Nothing came in time."""
    CONNECTION = "connection"
    """There was no connection, or it was lost."""
    RATE_LIMIT = "rate_limit"
    """Too much in too short a time: it works again after a wait."""
    QUOTA = "quota"
    """The account has no credit or quota left: no wait helps."""
    AUTH = "auth"
    """The key or token is missing, wrong or expired."""
    PERMISSION = "permission"
    """The key is known, and may not do this."""
    NOT_FOUND = "not_found"
    """There is no such model, deployment, response or path."""
    CONTEXT_LENGTH = "context_length"
    """The request is longer than the model or the provider takes."""
    BAD_REQUEST = "bad_request"
    """The request is wrong in another way: sent again, it fails again."""
    OVERLOADED = "overloaded"
    """The provider has more to do than it can, whoever asks."""
    SERVER = "server"
    """Something broke at the provider."""
    CONTENT_FILTER = "content_filter"
    """What was asked or answered is against the provider's rules."""
    CANCELLED = "cancelled"
    """The caller gave up, or the provider says that the call was called off."""
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """Where in a call an error came."""

    CONNECT = "connect"
    """Before a connection stood."""
    HEADERS = "headers"
    """After that, before there was an answer to read: the provider refused, or did not answer."""
    MID_STREAM = "mid_stream"
    """After the answer had begun."""
