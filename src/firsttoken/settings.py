"""Every option of the client half, read once from the environment and frozen.

The options of our own tools are flags of the commands in `cli/`. Standard `OTEL_*` variables are read
where OpenTelemetry reads them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeVar, cast, get_args

from firsttoken.errors import SettingsError

W = TypeVar("W", bound=str)

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})

NAMED_HOST: Final = re.compile(r"([\w.*?:\-\[\]]+)=([\w.\-]+)")
"""One `host=name`, where the host may be a pattern and have a port."""


ContentCapture = Literal["NO_CONTENT", "SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT"]
"""Where what is said goes: nowhere, on spans, on log events, on both. The words are those of OpenTelemetry."""

CAPTURE_CONTENT: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
"""The variable that every GenAI instrumentation reads for it."""

Conventions = Literal["current", "older", "both"]
"""Under which names of the OpenTelemetry conventions everything goes out: today's, those from before October 2026, or
both."""

BAGGAGE: Final = "FIRSTTOKEN_BAGGAGE"
LISTED_NAME: Final = re.compile(r"[A-Za-z_][\w.\-]{0,127}", re.ASCII)
"""A name that an attribute and a member of baggage can both have."""

ProviderTraces = Literal["logs", "span_events", "both", "off"]
"""Where the provider trace of a call goes: into a log record, on its span as events, both or nowhere."""

ContentLevel = Literal["none", "metadata", "full"]
"""How much of what is said may be told: nothing, its shape without a word of it, or all of it within the limits."""

RedactKind = Literal["email", "phone", "card"]
"""What is taken out of content only where that is asked for. Keys and tokens always are."""

Redact = Callable[[str], str]
"""A function of the application that takes out of a text what nobody else may read."""

CONTENT_LIMIT_BYTES: Final = 256 * 1024
CONTENT_PART_LIMIT_BYTES: Final = 128 * 1024
MOST_DIGITS: Final = 18
"""Of a number of bytes; a longer one is a mistake."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the client half. Each has an environment variable: its name in upper case after `FIRSTTOKEN_`, except
    `capture_content`, which has the standard one."""

    include_usage: bool = False
    """Ask Chat Completions streams for usage on the caller's behalf, and keep the extra chunk from the caller."""
    httpx: bool = False
    """Give each call's HTTP requests spans of their own (extra `httpx`)."""
    prices: Path | None = None
    """A TOML file with prices that take precedence over the price list."""
    providers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Who answers at hosts of your own: `{"llm.example.com": "vllm", "*.corp.example": "openai"}`. A host stands for
    its subdomains too, and may have a port; the first one that fits decides, before anything that is known otherwise.
    In the environment: `llm.example.com=vllm,*.corp.example=openai`."""
    local_endpoint: str | None = field(default=None, repr=False)
    """Base URL of an OTLP/HTTP receiver that gets everything besides what the application configured.
    `firsttoken run` sets it."""
    exit_timeout_s: float = 2.0
    """How long the end of the program may be held up to deliver what is left, in seconds."""
    flush_on_sigterm: bool = False
    """Deliver what is left when SIGTERM comes, for at most `exit_timeout_s`, before the signal does what it would have
    done. Where the program has a handler of its own, that one follows."""
    stall_s: float = 10.0
    """How long a stream may say nothing new before that is a stall, in seconds; 0 looks for none."""
    capture_content: ContentCapture = "NO_CONTENT"
    """Whether what is said in calls is recorded, and where. In the environment:
    `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`."""
    content_limit_bytes: int = CONTENT_LIMIT_BYTES
    """How much text of one call is recorded. The longest texts are cut to that at their middle, and say how long they
    were. The bodies in a provider trace have as much again."""
    content_part_limit_bytes: int = CONTENT_PART_LIMIT_BYTES
    """How much of one text."""
    content_store: str | Path | None = field(default=None, repr=False)
    """A directory, or an fsspec URL (extra `content-store`), that gets all of every text that was cut, redacted, under
    its digest. It may hold a password, and is not shown."""
    trace_content: ContentLevel = "none"
    """How much of the request and the answer is in the provider trace: `none`, `metadata` or `full`."""
    conventions: Conventions = "current"
    """The names of attributes and metrics: `current`, those from before October 2026 (`older`), or `both`."""
    baggage: tuple[str, ...] = ()
    """Which ids of a call's context travel from service to service in W3C baggage, both ways: `("user.id",)`. They go
    wherever your HTTP instrumentation injects baggage. In the environment: `user.id,session.id`."""
    metric_attributes: tuple[str, ...] = ()
    """Which of what `firsttoken.context` says is on metrics too: `("call_type", "feature")`. Each has at most 100
    values there; the others are `other`. In the environment: `call_type,feature`."""
    provider_traces: ProviderTraces = "both"
    """Where provider traces go: as log records (`logs`), as milestones on the span (`span_events`), `both` or `off`."""
    live: bool = False
    """Say of calls that they run while they do, as log events of their spans, so that a page can show them. In programs
    below `firsttoken run` it is on."""
    timeline: bool = True
    """Whether the provider trace of a streamed call, as a log record, says when each chunk came."""
    redact: Redact | tuple[RedactKind | Redact, ...] | None = None
    """What is taken out of every text before it is cut and recorded, besides keys and tokens, which always are:
    `email`, `phone`, `card`, or functions of your own, which run on a background thread. If one raises, the content of
    that call is not recorded. In the environment: `FIRSTTOKEN_REDACT=email,phone,card`."""

    def __post_init__(self) -> None:
        """Raises SettingsError for a value that means nothing here: it must not be passed over."""
        for name, words in WORDS.items():
            if getattr(self, name) not in words:
                raise SettingsError(f"{name}={getattr(self, name)!r} is none of {', '.join(words)}: name one of these")
        for name in TIMES:
            _check_number(name, getattr(self, name), "seconds", _is_time)
        for name in SIZES:
            _check_number(name, getattr(self, name), "bytes", _is_size)
        for name in LISTS:
            _check_names(name, getattr(self, name))
        _check_redact(self.redact)
        unknown = set(map(str, self.redact_kinds)) - set(get_args(RedactKind))
        if unknown:
            raise SettingsError(
                f"redact has {', '.join(sorted(unknown))}: it may have {', '.join(get_args(RedactKind))}"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Raises SettingsError for a value that cannot be understood."""
        prices = environ.get("FIRSTTOKEN_PRICES", "").strip()
        return cls(
            include_usage=read_boolean(environ, "FIRSTTOKEN_INCLUDE_USAGE", default=False),
            httpx=read_boolean(environ, "FIRSTTOKEN_HTTPX", default=False),
            prices=Path(prices) if prices else None,
            providers=read_names(environ, "FIRSTTOKEN_PROVIDERS"),
            local_endpoint=environ.get("FIRSTTOKEN_LOCAL_ENDPOINT", "").strip() or None,
            exit_timeout_s=read_seconds(environ, "FIRSTTOKEN_EXIT_TIMEOUT_S", default=2.0),
            flush_on_sigterm=read_boolean(environ, "FIRSTTOKEN_FLUSH_ON_SIGTERM", default=False),
            stall_s=read_seconds(environ, "FIRSTTOKEN_STALL_S", default=10.0),
            capture_content=read_content_capture(environ),
            content_limit_bytes=read_bytes(environ, "FIRSTTOKEN_CONTENT_LIMIT_BYTES", default=CONTENT_LIMIT_BYTES),
            content_part_limit_bytes=read_bytes(
                environ, "FIRSTTOKEN_CONTENT_PART_LIMIT_BYTES", default=CONTENT_PART_LIMIT_BYTES
            ),
            content_store=environ.get("FIRSTTOKEN_CONTENT_STORE", "").strip() or None,
            trace_content=read_trace_content(environ),
            redact=read_redact_kinds(environ),
            conventions=read_conventions(environ),
            baggage=read_listed(environ, BAGGAGE),
            metric_attributes=read_listed(environ, "FIRSTTOKEN_METRIC_ATTRIBUTES"),
            provider_traces=read_provider_traces(environ),
            live=read_boolean(environ, "FIRSTTOKEN_LIVE", default=False),
            timeline=read_boolean(environ, "FIRSTTOKEN_TIMELINE", default=True),
        )

    @property
    def redact_kinds(self) -> tuple[RedactKind, ...]:
        """The ready-made redactors."""
        return tuple(each for each in self._redactors if not callable(each))

    @property
    def redact_functions(self) -> tuple[Redact, ...]:
        """Those of the application."""
        return tuple(each for each in self._redactors if callable(each))

    @property
    def _redactors(self) -> tuple[RedactKind | Redact, ...]:
        given = self.redact
        return () if given is None else (given,) if callable(given) else given

    @property
    def content_on_spans(self) -> bool:
        return self.capture_content in ("SPAN_ONLY", "SPAN_AND_EVENT")

    @property
    def content_on_events(self) -> bool:
        return self.capture_content in ("EVENT_ONLY", "SPAN_AND_EVENT")

    @property
    def traces_in_logs(self) -> bool:
        return self.provider_traces in ("logs", "both")

    @property
    def traces_on_spans(self) -> bool:
        return self.provider_traces in ("span_events", "both")


WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "capture_content": get_args(ContentCapture),
    "conventions": get_args(Conventions),
    "provider_traces": get_args(ProviderTraces),
    "trace_content": get_args(ContentLevel),
}
"""The options that are one of few words."""
TIMES: Final = ("exit_timeout_s", "stall_s")
SIZES: Final = ("content_limit_bytes", "content_part_limit_bytes")
LISTS: Final = ("baggage", "metric_attributes")
"""Those that list names of attributes."""


def _check_number(name: str, given: object, unit: str, holds: Callable[[object], bool]) -> None:
    if not holds(given):
        raise SettingsError(f"{name}={given!r} is not a number of {unit}: give 0 or more")


def _is_time(given: object) -> bool:
    """Any that a clock can reach, and that is known."""
    return isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < float("inf")


def _is_size(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 10**MOST_DIGITS


def _check_names(name: str, listed: object) -> None:
    """One text would be taken for a list of its letters."""
    if not isinstance(listed, tuple):
        raise SettingsError(f'{name}={listed!r} is not a tuple of names: write ("user.id",)')
    for each in cast("tuple[object, ...]", listed):
        if not (isinstance(each, str) and LISTED_NAME.fullmatch(each)):
            raise SettingsError(f"{name} has {each!r}, which is no name of an attribute: leave it out")


def _check_redact(given: object) -> None:
    """Likewise."""
    if not (given is None or callable(given) or isinstance(given, tuple)):
        raise SettingsError(f'redact={given!r} is no function and no tuple: write ("email",)')


def read_boolean(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    """`true`/`false` and their usual spellings; empty is unset."""
    word = environ.get(name, "").strip().lower()
    if not word:
        return default
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise SettingsError(f"{name}={environ[name]!r} is not a yes or no: set it to true or false, or unset it")


def read_names(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """`host=name` with commas between, in that order; empty is none."""
    given = environ.get(name, "").strip()
    pairs = [pair.strip() for pair in given.split(",")] if given else []
    found = [NAMED_HOST.fullmatch(pair) for pair in pairs]
    if None in found:
        wrong = pairs[found.index(None)]
        raise SettingsError(f"{name} has {wrong!r}, which is not host=name: write host=name,host=name, or unset it")
    return {match[1]: match[2] for match in found if match is not None}


def read_listed(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Names with commas between, each once, in that order; empty is none."""
    given = [word.strip() for word in environ.get(name, "").split(",") if word.strip()]
    wrong = next((word for word in given if not LISTED_NAME.fullmatch(word)), None)
    if wrong is not None:
        raise SettingsError(f"{name} has {wrong!r}, which is no name: write user.id,session.id, or unset it")
    return tuple(dict.fromkeys(given))


def read_seconds(environ: Mapping[str, str], name: str, *, default: float) -> float:
    """A number of seconds that is not negative; empty is unset."""
    word = environ.get(name, "").strip()
    if not word:
        return default
    try:
        seconds = float(word)
    except ValueError:
        seconds = -1.0
    if not _is_time(seconds):
        raise SettingsError(f"{name}={environ[name]!r} is not a number of seconds: set it to 0 or more, or unset it")
    return seconds


def read_bytes(environ: Mapping[str, str], name: str, *, default: int) -> int:
    """A whole number of bytes that is not negative; empty is unset."""
    word = environ.get(name, "").strip()
    if not word:
        return default
    if not (word.isascii() and word.isdecimal() and len(word) <= MOST_DIGITS):
        raise SettingsError(f"{name}={environ[name]!r} is not a number of bytes: set it to 0 or more, or unset it")
    return int(word)


def read_content_capture(environ: Mapping[str, str]) -> ContentCapture:
    """One of its four words, in any case; empty is unset. Other instrumentations once took `true`: it says no place."""
    return _word(environ, CAPTURE_CONTENT, get_args(ContentCapture), default="NO_CONTENT")


def read_trace_content(environ: Mapping[str, str]) -> ContentLevel:
    """One of its three words, in any case; empty is unset."""
    return _word(environ, "FIRSTTOKEN_TRACE_CONTENT", get_args(ContentLevel), default="none")


def read_redact_kinds(environ: Mapping[str, str]) -> tuple[RedactKind, ...] | None:
    """Its words with commas between, in any case; empty is none."""
    words = [word for word in environ.get("FIRSTTOKEN_REDACT", "").split(",") if word.strip()]
    return tuple(_one_of(word, "FIRSTTOKEN_REDACT", get_args(RedactKind)) for word in words) or None


def read_conventions(environ: Mapping[str, str]) -> Conventions:
    """One of its three words, in any case; empty is unset."""
    return _word(environ, "FIRSTTOKEN_CONVENTIONS", get_args(Conventions), default="current")


def read_provider_traces(environ: Mapping[str, str]) -> ProviderTraces:
    """One of its four words, in any case; empty is unset."""
    return _word(environ, "FIRSTTOKEN_PROVIDER_TRACES", get_args(ProviderTraces), default="both")


def _word(environ: Mapping[str, str], name: str, words: tuple[W, ...], *, default: W) -> W:
    given = environ.get(name, "").strip()
    return _one_of(environ[name], name, words) if given else default


def _one_of(given: str, name: str, words: tuple[W, ...]) -> W:
    for word in words:
        if word.lower() == given.strip().lower():
            return word
    raise SettingsError(f"{name}={given!r} is none of {', '.join(words)}: set one, or unset it")
