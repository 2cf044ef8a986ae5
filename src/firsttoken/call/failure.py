"""Why a call did not complete."""

from __future__ import annotations

from dataclasses import dataclass

from firsttoken.call.category import Category, Stage


@dataclass(frozen=True, slots=True)
class Failure:
    """The error a caller saw. The exception object itself is never kept."""

    type: str
    """`error.type`: the provider's error code where it gave one, else the exception's qualified name."""
    message: str
    """Bounded in length, with anything that looks like a credential taken out."""
    exception_type: str | None = None
    stacktrace: str | None = None
    """The traceback as text. It travels on the exception log event only, never on a span."""
    category: Category = Category.UNKNOWN
    stage: Stage | None = None
    """None where the answer came whole and itself tells of the failure, and where nothing tells."""
    code: str | None = None
    """The provider's own word for the error, also where it is a number such as `1113`."""
    retry_after_ns: int | None = None
    """How long the provider asked to wait, in nanoseconds."""
