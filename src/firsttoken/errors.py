"""Errors that firsttoken raises. Those of the tools are ours; an LLMError is what the streaming adapter makes of a
provider's. None of them is ever raised into an observed call.

FirstTokenError
├── SettingsError      a setting or environment variable that cannot be understood
├── StoreError         the store cannot be opened or written
│   ├── OlderStoreError    the store has to be brought up to date first
│   └── StoreBusyError     too much is waiting to be written
├── PortInUseError     an address we need is taken
├── ServerError        a running server did not answer as expected
├── GrafanaError       a Grafana cannot be asked, or refuses what it is asked
├── ImportingError     a file cannot be imported
│   └── BrokenLineError    a line of it cannot
├── SelectionError     calls are asked for by something that no call has, or that cannot be
│   ├── NoCallsError       no call is as asked for
│   ├── UnknownAttributeError  no call has an attribute of that name
│   └── StatementError     a SQL statement is refused, or cannot be answered
└── LLMError           a call of the streaming adapter failed          category         retryable
    ├── LLMConnectionError         no connection, or it was lost       connection       yes
    ├── LLMTimeoutError            nothing came in time                timeout          yes
    │   └── LLMSilenceError        no progress for longer than silence_s
    ├── LLMRateLimitError          too much in too short a time        rate_limit       yes, after a wait
    ├── LLMQuotaError              no credit or quota left             quota            no
    ├── LLMAuthenticationError     the key is missing or wrong         auth             no
    ├── LLMPermissionError         the key may not do this             permission       no
    ├── LLMNotFoundError           no such model, response or path     not_found        no
    ├── LLMContextWindowError      the request is too long             context_length   no
    ├── LLMBadRequestError         the request is wrong                bad_request      no, but with status 409
    │   ├── LLMUnprocessableError      understood, and refused: 422
    │   └── LLMUnsupportedClientError  no wire for this client; nothing was sent
    ├── LLMContentFilterError      against the provider's rules        content_filter   no
    ├── LLMOverloadedError         the provider has too much to do     overloaded       yes
    ├── LLMServerError             something broke at the provider     server           yes
    │   └── LLMEmptyResponseError      the answer came, and is empty
    ├── LLMCancelledError          the provider says: called off       cancelled        no
    └── LLMUnknownError            nothing says what it was            unknown          no
"""

from __future__ import annotations

from typing import ClassVar


class FirstTokenError(Exception):
    """Base of them all. The message says what happened, where, and what to do next, in one line."""


class SettingsError(FirstTokenError):
    """A setting has a value that is not one of its own."""


class StoreError(FirstTokenError):
    """The store is not ours, damaged, read-only, full, locked or of a newer schema."""


class StoreInUseError(StoreError):
    """Another process has the store open."""


class OlderStoreError(StoreError):
    """An older firsttoken made the store. To serve it brings it up to date; to read it alone does not."""


class StoreBusyError(StoreError):
    """More is waiting to be written than the store holds. Try again in a moment."""


class PortInUseError(FirstTokenError):
    """Another program listens on an address that we need."""


class ServerError(FirstTokenError):
    """A server answered, but not as ours does."""


class GrafanaError(FirstTokenError):
    """A Grafana cannot be reached, is none, or refuses what it is asked."""


class ImportingError(FirstTokenError):
    """A file cannot be imported."""


class BrokenLineError(ImportingError):
    """A line of a file cannot be imported; what follows it may."""


class SelectionError(FirstTokenError):
    """A filter or a grouping names what no call has, or gives a value that cannot be."""


class NoCallsError(SelectionError):
    """No call meets the filter, so there is nothing to answer from."""


class UnknownAttributeError(SelectionError):
    """No call has the attribute that is named."""

    def __init__(self, name: str, meant: str | None, advice: str) -> None:
        super().__init__(f"no call has the attribute {name!r}: {f'did you mean {meant}?' if meant else advice}")
        self.name = name
        self.meant = meant
        """One that calls have, and that may be meant."""


class StatementError(SelectionError):
    """A SQL statement does more than read, is not understood, or took too long."""


class LLMError(FirstTokenError):
    """A call of the streaming adapter failed. What is None is not known.

    `__cause__` is the provider's own exception, where there was one. The message has nothing of what was asked or
    answered; the provider's words are in `provider_message`, and may. It can be pickled and copied; like any
    exception it then leaves its cause and its traceback behind.
    """

    category: ClassVar[str] = "unknown"
    """What kind of error it is: a word of `firsttoken.call.Category`, the same as on the call's span."""
    retried: ClassVar[bool] = False
    """What `retryable` is where neither the status nor the provider says otherwise."""

    def __init__(  # noqa: PLR0913  one keyword for each thing that may be known
        self,
        message: str = "",
        *,
        provider: str | None = None,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
        retryable: bool | None = None,
        stage: str | None = None,
        provider_message: str | None = None,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        """As on the call's span: `openai`, `anthropic`, `aws.bedrock`."""
        self.status = status
        """Of the HTTP answer: 200 where the error came within an answer that had begun."""
        self.code = code
        """The provider's own word for the error."""
        self.request_id = request_id
        """The provider's id of the HTTP request, for its support."""
        self.retry_after_s = retry_after_s
        """How long the provider asked to wait."""
        self.retryable = self.retried if retryable is None else retryable
        """Whether the same request may succeed if it is sent again."""
        self.stage = stage
        """How far the call had come: `connect`, `headers` or `mid_stream`; then some of the answer was given out."""
        self.provider_message = provider_message
        """What the provider said, bounded, without what looks like a credential. It may quote the request."""

    def __repr__(self) -> str:
        known = {name: getattr(self, name) for name in SHOWN}
        told = (f"{name}={value!r}" for name, value in known.items() if value is not None)
        return f"{type(self).__qualname__}({', '.join((repr(str(self)), *told))})"


SHOWN = ("provider", "status", "code", "request_id", "retry_after_s", "retryable", "stage")
"""What a `repr` of an LLMError tells beside its message."""


class LLMConnectionError(LLMError):
    """There was no connection, or it was lost."""

    category = "connection"
    retried = True


class LLMTimeoutError(LLMError):
    """Nothing came in time."""

    category = "timeout"
    retried = True


class LLMSilenceError(LLMTimeoutError):
    """The model got nowhere for longer than `silence_s`, and the adapter has closed the stream."""


class LLMRateLimitError(LLMError):
    """Too much in too short a time: `retry_after_s` says how long to wait, where the provider does."""

    category = "rate_limit"
    retried = True


class LLMQuotaError(LLMError):
    """The account has no credit or quota left. No wait helps."""

    category = "quota"


class LLMAuthenticationError(LLMError):
    """The key or token is missing, wrong or expired."""

    category = "auth"


class LLMPermissionError(LLMError):
    """The key is known, and may not do this."""

    category = "permission"


class LLMNotFoundError(LLMError):
    """There is no such model, deployment, response or path."""

    category = "not_found"


class LLMContextWindowError(LLMError):
    """The request is longer than the model or the provider takes."""

    category = "context_length"


class LLMBadRequestError(LLMError):
    """The request is wrong: sent again, it fails again. A conflict, status 409, is the exception."""

    category = "bad_request"


class LLMUnprocessableError(LLMBadRequestError):
    """The provider understood the request and refuses what it says: status 422."""


class LLMUnsupportedClientError(LLMBadRequestError):
    """No wire speaks through this client. Nothing was sent."""


class LLMContentFilterError(LLMError):
    """What was asked or answered is against the provider's rules."""

    category = "content_filter"


class LLMOverloadedError(LLMError):
    """The provider has more to do than it can, whoever asks."""

    category = "overloaded"
    retried = True


class LLMServerError(LLMError):
    """Something broke at the provider."""

    category = "server"
    retried = True


class LLMEmptyResponseError(LLMServerError):
    """The answer came to its end and says nothing."""


class LLMCancelledError(LLMError):
    """The provider says that the call was called off. A task of the caller's that is cancelled gets no LLMError."""

    category = "cancelled"


class LLMUnknownError(LLMError):
    """Neither a code, nor a status, nor the class of the exception says what kind of error it was."""
