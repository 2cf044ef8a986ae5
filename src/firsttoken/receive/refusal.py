"""Why a whole request is turned away, and how each transport says so."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import grpc

RETRY_AFTER_S: Final = 1


@dataclass(frozen=True, slots=True)
class Reason:
    """One word for the counters, and its status on either transport."""

    word: str
    http: HTTPStatus
    grpc: grpc.StatusCode
    may_retry: bool = False


MALFORMED: Final = Reason("malformed", HTTPStatus.BAD_REQUEST, grpc.StatusCode.INVALID_ARGUMENT)
TOO_LARGE: Final = Reason("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, grpc.StatusCode.RESOURCE_EXHAUSTED)
UNKNOWN_TYPE: Final = Reason("unknown_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, grpc.StatusCode.UNIMPLEMENTED)
BUSY: Final = Reason("busy", HTTPStatus.TOO_MANY_REQUESTS, grpc.StatusCode.RESOURCE_EXHAUSTED, may_retry=True)
STORE: Final = Reason("store", HTTPStatus.SERVICE_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, may_retry=True)


class RefusalError(Exception):
    """A request that is turned away. It travels from the intake to a transport, never to a user."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    def __reduce__(self) -> tuple[type[RefusalError], tuple[Reason, str]]:
        """So that it goes from one process to another."""
        return RefusalError, (self.reason, self.message)
