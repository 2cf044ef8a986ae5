"""One request of a call that failed and was sent again."""

from __future__ import annotations

from dataclasses import dataclass

from firsttoken.call.category import Category


@dataclass(frozen=True, slots=True)
class Attempt:
    """Why the SDK sent the request again, and how long it waited first. Times are nanoseconds."""

    failed_ns: int
    """From the start of the call to this failure."""
    wait_ns: int
    """How long the SDK then meant to wait."""
    category: Category = Category.UNKNOWN
    status_code: int | None = None
    """None where no answer came."""
    exception_type: str | None = None
    """The exception's qualified name, where no answer came."""
    code: str | None = None
    """The provider's own word for the error, where its answer was read. The SDKs read few that they retry."""
    request_id: str | None = None
    retry_after_ns: int | None = None
    """How long the provider asked to wait."""
