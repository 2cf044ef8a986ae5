"""Writes collector-config/redact.yaml from the names of `redaction_names` and the table of statements here.

Run with --check to fail when the committed file is stale.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import Final

from generated_file import ROOT, write_or_check
from ottl import both, either, listed, one_of, quoted, scalar, setting
from redaction_names import CONTENT, CONTENT_OF_OTHERS, ERRORS, FEW_WORDS, PERSONS, RESOURCE, SHAPES, Type, allowed

from firsttoken.semconv.dialects import openinference

TARGET: Final = ROOT / "collector-config" / "redact.yaml"
LINKS: Final = "${env:REDACT_LINKS:-drop}"
MODES: Final = {"content": "REDACT_CONTENT", "errors": "REDACT_ERRORS", "persons": "REDACT_PERSONS"}
DEFAULTS: Final = {"content": "drop", "errors": "drop", "persons": "keep"}
SALT: Final = "${env:REDACT_SALT:-}"
CUT: Final = "${env:REDACT_CUT:-200}"
ALSO: Final = "${env:REDACT_ALSO_KEEP:-no name at all}"
ALSO_PATTERN: Final = f'"^({ALSO})$$"'
WHOLE: Final = r"(?s)\A.*\z"
SOMETHING: Final = r"(?s)\A.+\z"
IS_LONG: Final = r"(?s)\A(.{128}).+\z"
IS_NAME: Final = r"^[\w.:/-]{0,100}$"
IS_SCOPE: Final = r"^[\w.:/@-]{0,128}$"
IS_VERSION: Final = r"^v?[0-9][\w.+-]{0,63}$"
IS_SCHEMA: Final = r"^https://opentelemetry\.io/schemas/(gen-ai(-dev)?/)?[0-9.]{1,16}(-dev)?$"
IS_UNIT: Final = r"^(%|\w{1,8}|\{[\w.-]{1,24}\})([./](\w{1,8}|\{[\w.-]{1,24}\})){0,3}$"
IS_SEVERITY: Final = (
    r"^(?i:trace|debug|info|information|notice|warn|warning|error|err|critical|crit|alert|fatal|emerg|panic|verbose"
    r"|severe|config|fine|finer|finest)[2-4]?$"
)
IS_SAMPLING: Final = r"^ot=((th|rv|p|r):[0-9a-f]{1,14}(;|$))+$"
IS_BYTES: Final = r'":"[^"]'
LONGEST_WORD: Final = 256
LONGEST_SECRET: Final = 4_096
BODY: Final = "log body"
STATUS: Final = "span status"

SECRETS: Final = (
    r"-----BEGIN [A-Z0-9 ]{0,60}PRIVATE KEY-----[^-]*(-----END [A-Z0-9 ]{0,60}-----)?",
    r"\beyJ[\w\-]{8,}\.[\w\-]{8,}(\.[\w\-]*)?",
    r"(?i:\b(bearer|basic)[ \t]{1,4}[\w\-.~+/]{16,}={0,2})",
    r"\b(sk|pk|rk|gsk|xai|pplx|nvapi|hf|fw|r8|tgp)[-_][\w\-]{16,}",
    r"\b(AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b",
    r"\bABSK[A-Za-z0-9+/]{32,}={0,2}",
    r"\b(gh[pousr]_|github_pat_)\w{36,}",
    r"\bglpat-[\w\-]{20,}",
    r"\b(xox[a-z]|xapp)-[A-Za-z0-9\-]{10,}",
    r"\b(AIza|ya29\.|GOCSPX-)[\w\-.]{20,}",
    r"\b(pypi-|npm_)[\w\-]{36,}",
    r"://[^\s/@:'\"<>]{0,100}:[^\s/@'\"<>]{1,200}(@[^\s/@?#,'\"<>]{1,200}){0,3}@",
    r"(?i:(api[_-]?key|password|passwd|secret|token)[\"']?[=:][ \t]{0,4}[\"']?[\w\-.~+/%]{8,}={0,2})",
)
EMAIL: Final = r"[\w.%+\-]{1,64}@([\w\-]{1,63}\.){1,8}[A-Za-z]{2,24}\b"
TAKEN_OUT: Final = {
    "[secret removed]": "|".join(SECRETS),
    "[email removed]": EMAIL,
    "\N{REPLACEMENT CHARACTER}": r"\x{FFFD}",
}
"""Of everything that remains, as firsttoken itself does before it sends; without lookarounds, which the Collector's
expressions lack. What is no UTF-8 is taken for the last one, and back ends refuse whole requests for it."""


def names_of(kind: Type) -> list[str]:
    return [name for name, is_of in allowed().items() if is_of == kind]


class Place:
    """One kind of thing that has attributes: where they are, and where its notes are."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.attributes = f"{prefix}.attributes"

    def note(self, name: str) -> str:
        return f"{self.prefix}.cache[{quoted(name)}]"

    def statements(self, beside: str = "", beside_note: tuple[str, str] = ("", "")) -> Iterator[str]:
        """`beside` is a text that stands beside the attributes and is treated like those of the note."""
        yield from self._sorted_out()
        if beside:
            note, key = beside_note
            yield setting(f"{self.note(note)}[{quoted(key)}]", beside, f"{beside} != nil", f'{beside} != ""')
            yield setting(beside, '""', f"{beside} != nil")
        yield keep_keys(self.attributes, ())
        yield from self._plain()
        for note in MODES:
            yield from self._treated(note)
        if beside:
            note, key = beside_note
            treated = f"{self.note(note)}[{quoted(key)}]"
            yield setting(beside, treated, f"{treated} != nil")
            yield f"delete_key({self.note(note)}, {quoted(key)})"
        yield from self._put_back()

    def _sorted_out(self) -> Iterator[str]:
        exact = {
            "text": names_of("text"),
            "number": names_of("number"),
            "listed": [*names_of("list"), *SHAPES],
            "errors": ERRORS,
            "persons": PERSONS,
        }
        for note, names in exact.items():
            yield setting(self.note(note), self.attributes)
            yield keep_keys(self.note(note), names)
        for note, pattern in {"also": ALSO_PATTERN, "content": quoted(_content_pattern())}.items():
            yield setting(self.note(note), self.attributes)
            yield f"keep_matching_keys({self.note(note)}, {pattern})"

    def _plain(self) -> Iterator[str]:
        """Words, numbers and lists of words. A map where a word is expected falls into parts that nobody knows."""
        for note, names in (("text", names_of("text")), ("number", names_of("number"))):
            yield f"flatten({self.note(note)}, depth=1)"
            yield keep_keys(self.note(note), names)
        yield f"flatten({self.note('also')}, depth=1)"
        yield f"keep_matching_keys({self.note('also')}, {ALSO_PATTERN})"
        yield replaced(self.note("number"), SOMETHING, "")
        for name in names_of("list"):
            value = f"{self.note('listed')}[{quoted(name)}]"
            fits = both(f"IsList({value})", f"IsMatch({value}, {quoted(FEW_WORDS)})")
            yield f"delete_key({self.note('listed')}, {quoted(name)}) where not ({fits})"
        for name, pattern in SHAPES.items():
            value = f"{self.note('listed')}[{quoted(name)}]"
            fits = both(either(f"IsList({value})", f"IsString({value})"), f"IsMatch({value}, {quoted(pattern)})")
            yield f"delete_key({self.note('listed')}, {quoted(name)}) where not ({fits})"

    def _treated(self, note: str) -> Iterator[str]:
        """Hashed, cut, or gone; persons may also be kept. A word that is none of these is `drop`."""
        value, asked = self.note(note), f'"${{env:{MODES[note]}:-{DEFAULTS[note]}}}"'
        hashed, other = f'{asked} == "hash"', f'{asked} == "{"keep" if note == "persons" else "cut"}"'
        yield f"{keep_keys(value, ())} where not {either(hashed, other)}"
        yield f'{keep_keys(value, ())} where {hashed} and "{SALT}" == ""'
        if note == "persons":
            yield f"flatten({value}, depth=1)"
            yield keep_keys(value, PERSONS)
            yield f"truncate_all({value}, {LONGEST_WORD}) where {other}"
            yield f"stringify_all({value}) where {hashed}"
        else:
            yield f"stringify_all({value})"
            yield from self._cut(value, CUT, other)
        yield f'replace_all_patterns({value}, "value", {quoted(WHOLE)}, "{SALT}$${{0}}", SHA256) where {hashed}'

    def _cut(self, target: str, length: str, *conditions: str) -> Iterator[str]:
        """To so many bytes, without secrets. More than that is looked through: half a key is not taken for one."""
        where = f" where {both(*conditions)}" if conditions else ""
        longer = both(*conditions, f"{length} < {LONGEST_SECRET}")
        yield f"truncate_all({target}, {LONGEST_SECRET}) where {longer}"
        for mark, pattern in TAKEN_OUT.items():
            yield replaced(target, pattern, mark) + where
        yield f"truncate_all({target}, {length}){where}"

    def _put_back(self) -> Iterator[str]:
        yield f'merge_maps({self.note("text")}, {self.note("also")}, "insert")'
        yield from self._cut(self.note("text"), str(LONGEST_WORD))
        for note in ("text", "number", "listed", *MODES):
            yield f'merge_maps({self.attributes}, {self.note(note)}, "upsert")'
        yield from without_bytes(self.attributes, self.note("checked"))


def _content_pattern() -> str:
    return f"^({one_of(CONTENT)}|{'|'.join(CONTENT_OF_OTHERS)})$"


def keep_keys(target: str, names: Iterable[str]) -> str:
    return f"keep_keys({target}, {listed(sorted(names))})"


def replaced(target: str, pattern: str, by: str) -> str:
    return f'replace_all_patterns({target}, "value", {quoted(pattern)}, {quoted(by)})'


def without_bytes(attributes: str, note: str) -> Iterator[str]:
    """What is neither text, number nor list of words by now is bytes: in JSON they are quoted, as texts are."""
    yield setting(note, attributes)
    yield replaced(note, WHOLE, "")
    yield f"{keep_keys(attributes, ())} where IsMatch(String({note}), {quoted(IS_BYTES)})"


def as_name(target: str) -> Iterator[str]:
    """What is written as a name is one; a sentence is not."""
    known = f"{target} == {quoted(openinference.FIRST_CHUNK)}"
    yield setting(target, quoted("[name removed]"), f"not ({matches_name(target)} or {known})")
    yield from without_secrets(target)


def kept_where(target: str, pattern: str) -> str:
    """What is anything else is emptied."""
    return setting(target, '""', f"not IsMatch({target}, {quoted(pattern)})")


def matches_name(target: str) -> str:
    return f"IsMatch({target}, {quoted(IS_NAME)})"


def without_secrets(target: str) -> Iterator[str]:
    for mark, pattern in TAKEN_OUT.items():
        yield f"replace_pattern({target}, {quoted(pattern)}, {quoted(mark)})"


def resource() -> list[str]:
    """What a deployment says of itself."""
    statements = [keep_keys("resource.attributes", RESOURCE), "flatten(resource.attributes, depth=1)"]
    statements += [keep_keys("resource.attributes", RESOURCE), f"truncate_all(resource.attributes, {LONGEST_WORD})"]
    statements += [replaced("resource.attributes", pattern, mark) for mark, pattern in TAKEN_OUT.items()]
    statements += without_bytes("resource.attributes", 'resource.cache["checked"]')
    return [*statements, kept_where("resource.schema_url", IS_SCHEMA)]


def scope() -> list[str]:
    """Which instrumentation it was."""
    return [
        keep_keys("scope.attributes", ()),
        kept_where("scope.name", IS_SCOPE),
        *without_secrets("scope.name"),
        kept_where("scope.version", IS_VERSION),
        kept_where("scope.schema_url", IS_SCHEMA),
    ]


def spans() -> list[str]:
    own = [
        f'replace_pattern(span.name, {quoted(IS_LONG)}, "$${{1}}")',
        *without_secrets("span.name"),
        kept_where("span.trace_state", IS_SAMPLING),
        # No statement reaches into a link.
        setting("span.links", "nil", f'"{LINKS}" != "keep"'),
    ]
    return [*Place("span").statements("span.status.message", ("errors", STATUS)), *own]


def span_events() -> list[str]:
    return [*Place("spanevent").statements(), *as_name("spanevent.name")]


def log_records() -> list[str]:
    return [
        *Place("log").statements("log.body", ("content", BODY)),
        *as_name("log.event_name"),
        kept_where("log.severity_text", IS_SEVERITY),
    ]


def metrics() -> list[str]:
    """Series that an attribute told apart which goes are added up, as their sender would have without it."""
    names = listed(name for name, kind in allowed().items() if kind in ("text", "number", "list"))
    gauge = "metric.type == METRIC_DATA_TYPE_GAUGE"
    summary = "metric.type == METRIC_DATA_TYPE_SUMMARY"
    return [
        f'aggregate_on_attributes("max", {names}) where {gauge}',
        f'aggregate_on_attributes("sum", {names}) where not ({gauge} or {summary})',
        keep_keys("metric.metadata", ()),
        *as_name("metric.name"),
        setting("metric.description", '""'),
        kept_where("metric.unit", IS_UNIT),
    ]


def exemplars() -> list[str]:
    return [keep_keys("exemplar.filtered_attributes", ())]


SIGNALS: Final = {
    "trace_statements": {"resource": resource, "scope": scope, "span": spans, "spanevent": span_events},
    "log_statements": {"resource": resource, "scope": scope, "log": log_records},
    "metric_statements": {
        "resource": resource,
        "scope": scope,
        "metric": metrics,
        "datapoint": Place("datapoint").statements,
        "exemplar": exemplars,
    },
}


def group(context: str, statements: Iterable[str]) -> str:
    lines = [f"      - context: {context}", "        statements:"]
    for statement in statements:
        lines += textwrap.wrap(
            f"- {scalar(statement)}",
            118,
            initial_indent=" " * 10,
            subsequent_indent=" " * 12,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


HEAD: Final = """\
# Everything to a private store, and the same without a word of what was said to all other back ends. What may go there
# stands in a list; what is not on it does not, whoever invented it.
#
# Required: PRIVATE_ENDPOINT and PUBLIC_ENDPOINT (host:port, OTLP over gRPC). REDACT_CONTENT, REDACT_ERRORS and
# REDACT_PERSONS say what becomes of the rest on its way to the public one; docs/collector/redact.md has all of it.
# Generated by scripts/generate_redact.py; do not edit.

receivers:
  otlp:
    protocols:
      grpc:
        endpoint: ${env:OTLP_GRPC_LISTEN:-127.0.0.1:4317}
        # Spans that carry prompts are large. The usual limit of 4 MiB would refuse a batch of them.
        max_recv_msg_size_mib: 64
      http:
        endpoint: ${env:OTLP_HTTP_LISTEN:-127.0.0.1:4318}
        max_request_body_size: 67108864

connectors:
  # What has come in goes on from here, so that a file on top of this one can add a step to `traces`, `metrics` and
  # `logs`, and never takes one from the way out.
  forward/whole: {}

exporters:
  otlp_grpc/private:
    endpoint: ${env:PRIVATE_ENDPOINT}
    tls:
      insecure: ${env:PRIVATE_INSECURE:-false}
    # Sizes are in bytes, because one span can be a few hundred bytes or megabytes. What came together goes together.
    sending_queue: &queue
      sizer: bytes
      queue_size: 268435456
    retry_on_failure: &retry
      max_elapsed_time: 10m
  otlp_grpc/public:
    endpoint: ${env:PUBLIC_ENDPOINT}
    tls:
      insecure: ${env:PUBLIC_INSECURE:-false}
    sending_queue: *queue
    retry_on_failure: *retry

processors:
  # First, so that it refuses before anything else has spent memory.
  memory_limiter:
    check_interval: 1s
    limit_percentage: 75
    spike_limit_percentage: 20

  # Attributes are put aside by what they are, all are taken away, and what may go on is put back: a statement that
  # fails lets nothing out. Nothing is logged of an error, because it tells the value.
  transform/redact:
    error_mode: silent
"""

TAIL: Final = """
service:
  telemetry:
    metrics:
      level: ${env:OWN_METRICS_LEVEL:-normal}
  pipelines:
    traces: &in
      receivers: [otlp]
      processors: [memory_limiter]
      exporters: [forward/whole]
    metrics: *in
    logs: *in
    traces/private: &private
      receivers: [forward/whole]
      exporters: [otlp_grpc/private]
    metrics/private: *private
    logs/private: *private
    traces/public: &public
      receivers: [forward/whole]
      processors: [transform/redact]
      exporters: [otlp_grpc/public]
    metrics/public: *public
    logs/public: *public
"""


def render() -> str:
    sections = (
        f"    {signal}:\n" + "\n".join(group(context, statements()) for context, statements in groups.items())
        for signal, groups in SIGNALS.items()
    )
    return HEAD + "\n".join(sections) + "\n" + TAIL


if __name__ == "__main__":
    sys.exit(write_or_check(TARGET, render, script=__file__, about=__doc__))
