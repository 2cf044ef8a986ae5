"""Writes collector-config/normalise.yaml from the tables that `firsttoken serve` reads other instrumentations by.

Run with --check to fail when the committed file is stale. What a dialect tells by no single attribute is written out
here; e2e/collector/test_normalise.py holds both against each other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from generated_file import ROOT, write_or_check
from ottl import both, either, group, one_of, quoted, setting

from firsttoken.call import OPERATIONS
from firsttoken.semconv import names, own
from firsttoken.semconv.dialects import (
    DIALECTS,
    OLDER_NAMES,
    OLDEST_OPERATION,
    OLDEST_USAGE,
    OUR_SCOPE,
    SPAN_MARKS,
    SYSTEM,
    anthropic_sdk,
    contrib,
    frameworks,
    openinference,
    openllmetry,
)
from firsttoken.semconv.dialects import dialect as dialects
from firsttoken.semconv.dialects.costs import CURRENCY, SENDER
from firsttoken.semconv.dialects.errors import BY_STATUS, BY_WORD, EXCEPTION_EVENT, OUTCOMES, STATUS
from firsttoken.semconv.dialects.providers import PROVIDERS, SPELT_OTHERWISE
from firsttoken.semconv.fields import SPAN_FIELDS, Kind
from firsttoken.semconv.older import OLDER_ATTRIBUTES
from firsttoken.semconv.older import PROVIDERS as OLDER_PROVIDERS

TARGET: Final = ROOT / "collector-config" / "normalise.yaml"
DIALECT: Final = "normalise.dialect"
"""While the statements run, a span says itself who speaks."""
RAISED: Final = "normalise.raised"
"""Likewise that an exception has a message: then the status of the span is not asked."""
CONVENTIONS: Final = "conventions"
KINDS: Final[Mapping[str, Kind]] = {field.attribute: field.kind for field in SPAN_FIELDS}
EXACT: Final = "9007199254740992.0"
"""JSON numbers are doubles here: beyond it they do not tell whole numbers apart."""
IS_OURS: Final = f"^{OUR_SCOPE}(\\.|$)"


def at(name: str, holder: str = "span.attributes") -> str:
    return f"{holder}[{quoted(name)}]"


def is_there(name: str, holder: str = "span.attributes") -> str:
    return f"{at(name, holder)} != nil"


def is_free(name: str, holder: str = "span.attributes") -> str:
    return f"{at(name, holder)} == nil"


def fill(current: str, value: str, *conditions: str) -> str:
    """What stands under the current name stays."""
    return setting(at(current), value, is_free(current), *conditions)


def delete(name: str, *conditions: str, holder: str = "span.attributes") -> str:
    return f"delete_key({holder}, {quoted(name)})" + (f" where {both(*conditions)}" if conditions else "")


def matches(target: str, pattern: str) -> str:
    return f"IsMatch({target}, {quoted(pattern)})"


def speaks(name: str) -> str:
    return f"{at(DIALECT)} == {quoted(name)}"


def told_apart() -> str:
    marks = either(*(is_there(mark) for mark in SPAN_MARKS))
    statements = [setting(at(DIALECT), quoted(OUR_SCOPE), matches("scope.name", IS_OURS))]
    for dialect in DIALECTS:
        signs = [is_there(mark) for mark in dialect.marks]
        if dialect.scopes:
            signs.insert(0, matches("scope.name", f"^({one_of(dialect.scopes)})"))
        statements.append(fill(DIALECT, quoted(dialect.name), either(*signs)))
    return group(
        "Who speaks. What comes first is the one; a span of none of them tells of no model and is left as it is.",
        [*statements, fill(DIALECT, quoted(CONVENTIONS), marks)],
    )


def older(holder: str) -> Iterator[str]:
    """What older conventions called otherwise, wherever attributes are."""
    for row in OLDER_ATTRIBUTES:
        if row.older == row.current:
            value = at(row.current, holder)
            yield setting(value, f"Int({value})", f"IsDouble({value})", f"{value} == Int({value})")
        else:
            yield setting(
                at(row.current, holder),
                at(row.older, holder),
                is_free(row.current, holder),
                is_there(row.older, holder),
            )
        if row.older == SYSTEM:
            for system, provider in OLDER_PROVIDERS.items():
                value = at(row.current, holder)
                yield setting(value, quoted(provider), f"{value} == {quoted(system)}", is_there(SYSTEM, holder))


def raised() -> str:
    message = at(names.EXCEPTION_MESSAGE, "spanevent.attributes")
    kind = at(names.EXCEPTION_TYPE, "spanevent.attributes")
    return group(
        "What was raised, where only an event says so.",
        [
            fill(names.ERROR_TYPE, kind, f"IsString({kind})"),
            fill(
                names.HTTP_RESPONSE_STATUS_CODE,
                status_in(message),
                has_status(message),
                f"IsString({at(names.ERROR_TYPE)})",
            ),
            setting(at(RAISED), "true", f"IsString({message})"),
        ],
        both(
            f"spanevent.name == {quoted(EXCEPTION_EVENT)}", is_there(DIALECT), f"{at(DIALECT)} != {quoted(OUR_SCOPE)}"
        ),
    )


def status_in(text: str) -> str:
    named = STATUS.pattern.replace("([", "(?P<status>[")
    return f'Int(ExtractPatterns({text}, {quoted(named)})["status"])'


def has_status(text: str) -> str:
    return both(f"IsString({text})", matches(text, STATUS.pattern))


def errors() -> str:
    category, kind = own.ERROR_CATEGORY, at(names.ERROR_TYPE)
    words: dict[str, list[str]] = {}
    for word, meant in BY_WORD.items():
        words.setdefault(meant.value, []).append(word)
    statuses: dict[str, list[int]] = {}
    for status, meant in BY_STATUS.items():
        statuses.setdefault(meant.value, []).append(status)
    code = at(names.HTTP_RESPONSE_STATUS_CODE)
    return group(
        "What kind of error it was: by the provider's word or the exception's name, else by the status.",
        [
            fill(
                names.HTTP_RESPONSE_STATUS_CODE,
                status_in("span.status.message"),
                has_status("span.status.message"),
                is_free(RAISED),
            ),
            *(
                fill(category, quoted(meant), matches(kind, f"(^|\\.)({one_of(said)})$"))
                for meant, said in words.items()
            ),
            *(
                fill(category, quoted(meant), either(*(f"{code} == {status}" for status in said)))
                for meant, said in statuses.items()
            ),
            fill(category, quoted("unknown")),
            *(
                fill(own.OUTCOME, quoted(outcome.value), f"{at(category)} == {quoted(meant.value)}")
                for meant, outcome in OUTCOMES.items()
            ),
        ],
        both(f"IsString({kind})", is_there(DIALECT), f"{at(DIALECT)} != {quoted(OUR_SCOPE)}"),
    )


def oldest() -> str:
    return group(
        "Whoever counted prompt and completion tokens made a call.",
        [
            fill(
                names.GEN_AI_OPERATION_NAME,
                quoted(OLDEST_OPERATION),
                either(*(is_there(name) for name in OLDEST_USAGE)),
            )
        ],
        speaks(CONVENTIONS),
    )


def moved(row: dialects.Row) -> Iterator[str]:
    """One row of a dialect's table."""
    theirs = at(row.theirs)
    if isinstance(row.to_current, dialects.ByWord):
        for word, meant in row.to_current.table.items():
            yield fill(row.current, quoted(meant), f"{theirs} == {quoted(word)}")
    elif row.to_current is dialects.listed:
        yield fill(row.current, f"[{theirs}]", f"IsString({theirs})")
    elif row.to_current is dialects.as_it_is:
        yield fill(row.current, theirs, is_there(row.theirs))
    else:
        raise NotImplementedError(f"no OTTL for {row}")


def from_json(current: str, value: str) -> str:
    """A member of a JSON text, where it has the type that the current name stands for."""
    match KINDS[current]:
        case "int":
            whole = both(f"{value} == Int({value})", f"{value} <= {EXACT}", f"{value} >= -{EXACT}")
            return fill(current, f"Int({value})", f"IsDouble({value})", whole)
        case "double" | "seconds":
            return fill(current, value, f"IsDouble({value})")
        case "true":
            return fill(current, "true", f"{value} == true")
        case _:
            return fill(current, value, f"IsString({value})")


def read_json(place: str, text: str, *conditions: str) -> str:
    start = quoted(r"^\s*\{")
    return setting(
        at(place, "span.cache"), f"ParseJSON({text})", f"IsString({text})", f"IsMatch({text}, {start})", *conditions
    )


def anthropic_more() -> Iterator[str]:
    yield fill(own.API, quoted(anthropic_sdk.API))
    yield fill(
        names.GEN_AI_OPERATION_NAME,
        quoted(anthropic_sdk.COUNTING_OPERATION),
        f"{at(anthropic_sdk.ROUTE)} == {quoted(anthropic_sdk.COUNTING)}",
    )
    cut = both(is_there(names.GEN_AI_USAGE_INPUT_TOKENS), is_free(names.GEN_AI_USAGE_OUTPUT_TOKENS))
    yield fill(own.USAGE_PARTIAL, "true", cut)


def contrib_more() -> Iterator[str]:
    said, reasons = at(names.GEN_AI_OUTPUT_MESSAGES), names.GEN_AI_RESPONSE_FINISH_REASONS
    answers = at("answers", "span.cache")
    yield setting(answers, f"ParseJSON({said})", is_free(reasons), f"IsString({said})", matches(said, r"^\s*\["))
    reason = f'Values(SliceToMap({answers}, value_path=["finish_reason"]))'
    yield fill(reasons, reason, f"IsList({answers})")
    prompt = at(names.GEN_AI_USAGE_INPUT_TOKENS)
    yield fill(
        own.COST_UNPRICED,
        quoted(contrib.UNKNOWN_CACHE),
        f"IsInt({prompt})",
        f"{prompt} >= {contrib.SHORTEST_CACHED_TOKENS}",
        f"{at(names.GEN_AI_OPERATION_NAME)} != {quoted('embeddings')}",
        is_free(names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
    )


def openinference_more() -> Iterator[str]:
    asked, answer = at("asked", "span.cache"), at("answer", "span.cache")
    is_call = either(*(f"{at(openinference.KIND)} == {quoted(word)}" for word in openinference.OPERATION.table))
    for parameters in openinference.PARAMETERS:
        yield read_json("asked", at(parameters), f"{asked} == nil", is_call)
    yield read_json("answer", at(openinference.OUTPUT), is_call)
    yield from _openinference_models(asked, answer, is_call)
    for holder, table in (
        (asked, openinference.REQUEST_PARAMETERS),
        (answer, openinference.RESPONSE_MEMBERS),
        (f'{answer}["usage"]', {"service_tier": own.RESPONSE_SERVICE_TIER}),
        (f'{answer}["usage"]["{openinference.CACHE_CREATION}"]', openinference.LIFETIMES),
        (f'{answer}["usage"]["{openinference.SERVER_TOOL_USE}"]', openinference.SERVER_TOOLS),
    ):
        for member, current in table.items():
            if current not in (names.GEN_AI_REQUEST_MODEL, names.GEN_AI_RESPONSE_MODEL):
                yield from_json(current, f'{holder}["{member}"]')
    reason = quoted(openinference.STOP_REASON)
    stopped = f"{answer}[{reason}]"
    cut = both(
        f"ContainsValue(Keys({answer}), {reason})", f"{stopped} == nil", is_free(names.GEN_AI_RESPONSE_FINISH_REASONS)
    )
    yield setting(at(own.USAGE_PARTIAL), "true", cut)
    yield delete(names.GEN_AI_USAGE_OUTPUT_TOKENS, cut)
    yield from _openinference_costs(is_call)


def _openinference_models(asked: str, answer: str, is_call: str) -> Iterator[str]:
    def text(value: str) -> str:
        return both(f"IsString({value})", f'{value} != ""')

    name = at("name", "span.cache")
    for model in openinference.MODELS:
        yield setting(name, at(model), f"{name} == nil", text(at(model)), is_call)
    requested, said = at(openinference.REQUEST_MODEL), f'{asked}["model"]'
    for value in (requested, said, name):
        yield fill(names.GEN_AI_REQUEST_MODEL, value, text(value), is_call)
    for answered in (is_there(openinference.PROMPT_TOKENS), both(f"IsMap({answer})", f"Len({answer}) > 0")):
        for value in (at(openinference.RESPONSE_MODEL), name):
            yield fill(names.GEN_AI_RESPONSE_MODEL, value, text(value), answered, is_call)


def _openinference_costs(is_call: str) -> Iterator[str]:
    """Subtracted as doubles, and rounded to what a price can be."""
    prompt, completion = at(openinference.PROMPT_COST), at(openinference.COMPLETION_COST)
    parts = [at(name, "span.cache") for name, _ in openinference.CACHE_COSTS]
    uncached = at("uncached", "span.cache")
    split = both(is_amount(prompt), is_amount(completion), is_call)
    for (_, theirs), part in zip(openinference.CACHE_COSTS, parts, strict=True):
        yield setting(part, "0.0", split)
        yield setting(part, f"Double({at(theirs)})", split, is_amount(at(theirs)))
    rounded = f'Double(Format("%.12f", [Double({prompt}) - {" - ".join(parts)}]))'
    yield setting(uncached, rounded, split)
    fits = f"{uncached} >= 0.0"
    yield fill(own.COST_INPUT, uncached, fits)
    yield fill(own.COST_OUTPUT, f"Double({completion})", fits)
    for (ours, _), part in zip(openinference.CACHE_COSTS, parts, strict=True):
        yield fill(ours, part, fits)
    together = f'Double(Format("%.12f", [Double({prompt}) + Double({completion})]))'
    yield fill(own.COST_UNSPLIT, together, f"{uncached} < 0.0")
    total = at(openinference.TOTAL_COST)
    yield fill(own.COST_UNSPLIT, f"Double({total})", is_amount(total), f"{uncached} == nil", is_call)
    yield from priced(either(f"{uncached} != nil", is_there(own.COST_UNSPLIT)))


def is_amount(value: str) -> str:
    return f"(IsDouble({value}) or IsInt({value})) and {value} > -1000000000000.0 and {value} < 1000000000000.0"


def priced(condition: str) -> Iterator[str]:
    yield fill(own.COST_CURRENCY, quoted(CURRENCY), condition)
    yield fill(own.COST_SOURCE, quoted(SENDER), condition)


def openllmetry_more() -> Iterator[str]:
    base, url = at(openllmetry.API_BASE), at("url", "span.cache")
    yield setting(url, f"URL({base})", f"IsString({base})", matches(base, "^[A-Za-z][A-Za-z0-9+.-]*://"))
    yield fill(names.SERVER_ADDRESS, f'ToLowerCase({url}["url.domain"])', f'{url}["url.domain"] != nil')
    yield fill(names.SERVER_PORT, f'{url}["url.port"]', f'IsInt({url}["url.port"])')
    reasons = at("reasons", "span.cache")
    yield setting(reasons, "span.attributes", is_free(names.GEN_AI_RESPONSE_FINISH_REASONS))
    pattern = quoted(r"^gen_ai\.completion\.[0-9]{1,4}\.finish_reason$")
    yield f"keep_matching_keys({reasons}, {pattern}) where {reasons} != nil"
    yield fill(names.GEN_AI_RESPONSE_FINISH_REASONS, f"Values({reasons})", f"Len({reasons}) > 0")


def uncounted_output() -> str:
    """Its flag is missing where the SDK's helper was called; there the order gives a stream away, as it came."""
    return group(
        "OpenLLMetry adds the output that a stream of Anthropic's counts at its start to the count at its end.",
        _uncounted_output(),
        both(speaks(openllmetry.OPENLLMETRY.name), f"scope.name == {quoted(openllmetry.ANTHROPIC_SCOPE)}"),
    )


def _uncounted_output() -> Iterator[str]:
    *usage, model = openllmetry.WRITTEN_IN_ORDER
    order, streamed = at("order", "span.cache"), at("streamed", "span.cache")
    yield setting(order, 'Concat(Keys(span.attributes), "\\n")', f"scope.name == {quoted(openllmetry.ANTHROPIC_SCOPE)}")
    before = rf"(?s)(^|\n)({one_of(usage)})(\n.*)?\n{one_of([model])}(\n|$)"
    after = rf"(?s)(^|\n){one_of([model])}(\n.*)?\n({one_of(usage)})(\n|$)"
    flags = either(*(f"{at(flag)} == true" for flag in openllmetry.STREAM_FLAGS))
    told = both(matches(order, before), f"not {matches(order, after)}")
    yield setting(streamed, "true", f"({flags} or {told})")
    yield fill(names.GEN_AI_REQUEST_STREAM, "true", f"{streamed} == true")
    yield delete(names.GEN_AI_USAGE_OUTPUT_TOKENS, f"{streamed} == true")
    yield delete("gen_ai.usage.completion_tokens", f"{streamed} == true")


def logfire_more() -> Iterator[str]:
    cost = at(frameworks.LOGFIRE_COST)
    yield fill(own.COST_UNSPLIT, f"Double({cost})", is_amount(cost))
    yield from priced(is_there(own.COST_UNSPLIT))


def langsmith_more() -> Iterator[str]:
    kind = at(frameworks.LANGSMITH_KIND)
    known = [f"{kind} == {quoted(word)}" for word in frameworks.LANGSMITH_OPERATION.table]
    yield delete(names.GEN_AI_OPERATION_NAME, f"not {either(*known)}")
    for word, meant in frameworks.LANGSMITH_OPERATION.table.items():
        yield fill(names.GEN_AI_OPERATION_NAME, quoted(meant), f"{kind} == {quoted(word)}")


MORE: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    anthropic_sdk.ANTHROPIC_SDK.name: anthropic_more,
    openinference.OPENINFERENCE.name: openinference_more,
    openllmetry.OPENLLMETRY.name: openllmetry_more,
    contrib.CONTRIB.name: contrib_more,
    frameworks.LOGFIRE.name: logfire_more,
    frameworks.LANGSMITH.name: langsmith_more,
}
"""What a dialect tells by no single attribute: the counterparts of `Dialect.more`."""


def dialect_group(dialect: dialects.Dialect) -> str:
    rows = [statement for row in dialect.rows for statement in moved(row)]
    return group(dialect.name, [*rows, *MORE[dialect.name]()], speaks(dialect.name))


def first_chunks() -> str:
    seconds = "Double(spanevent.time_unix_nano - span.start_time_unix_nano) / 1000000000.0"
    statements = [
        fill(
            names.GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
            seconds,
            f"spanevent.name == {quoted(dialect.first_chunk)}",
            speaks(dialect.name),
        )
        for dialect in DIALECTS
        if dialect.first_chunk is not None
    ]
    streamed = fill(
        names.GEN_AI_REQUEST_STREAM,
        "true",
        f"spanevent.name == {quoted(openinference.FIRST_CHUNK)}",
        either(*(f"{at(openinference.KIND)} == {quoted(word)}" for word in openinference.OPERATION.table)),
        speaks(openinference.OPENINFERENCE.name),
    )
    return group("The first chunk of a stream is an event of theirs.", [*statements, streamed], is_there(DIALECT))


def providers(holder: str) -> Iterator[str]:
    provider = at(names.GEN_AI_PROVIDER_NAME, holder)
    words: dict[str, list[str]] = {}
    for word, meant in PROVIDERS.items():
        words.setdefault(meant, []).append(word)
    for word in sorted(SPELT_OTHERWISE):
        words.setdefault(word, []).append(word)
    for meant, said in sorted(words.items()):
        yield setting(provider, quoted(meant), matches(provider, rf"(?i)^\s*({one_of(said)})\s*$"))


def cached_beside() -> Iterator[str]:
    """Who counts cached tokens beside the input has more of them than input."""
    total, cached = at(names.GEN_AI_USAGE_INPUT_TOKENS), at("cached", "span.cache")
    yield setting(cached, "0")
    for name in (names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS):
        yield setting(cached, f"{cached} + {at(name)}", f"IsInt({at(name)})", f"{at(name)} > 0")
    yield setting(total, f"{total} + {cached}", f"IsInt({total})", f"{total} >= 0", f"{cached} > {total}")


def costs() -> Iterator[str]:
    """What parts that the sender priced come to, as metrics want it."""
    *parts, unsplit = (
        at(name)
        for name in (own.COST_INPUT, own.COST_CACHE_READ, own.COST_CACHE_WRITE, own.COST_OUTPUT, own.COST_UNSPLIT)
    )
    by_sender = f"{at(own.COST_SOURCE)} == {quoted(SENDER)}"
    yield fill(own.COST_TOTAL, unsplit, f"{unsplit} != nil", by_sender)
    together = f'Double(Format("%.12f", [{" + ".join(parts)}]))'
    yield fill(own.COST_TOTAL, together, *(f"{part} != nil" for part in parts), by_sender)


def shaped() -> Iterator[str]:
    operation, model = at(names.GEN_AI_OPERATION_NAME), at(names.GEN_AI_REQUEST_MODEL)
    is_call = matches(operation, f"^({one_of(OPERATIONS)})$")
    yield setting("span.name", f'Concat([{operation}, {model}], " ")', is_call, f"IsString({model})")
    inside = either("span.kind == SPAN_KIND_INTERNAL", "span.kind == SPAN_KIND_UNSPECIFIED")
    yield setting("span.kind", "SPAN_KIND_CLIENT", is_call, inside)


KEEPS: Final = '"${env:KEEP_OLDER_NAMES:-false}" != "true"'


def cleared() -> str:
    marks = {mark for dialect in DIALECTS for mark in dialect.marks}
    gone = [delete(name, is_there(current)) for name, current in sorted(_renamed().items()) if name not in marks]
    return group(
        "What has been moved goes. What tells whose span it is stays; so do messages, which OTTL cannot put together.",
        gone,
        both(is_there(DIALECT), KEEPS),
    )


def _renamed() -> dict[str, str]:
    rows = {row.theirs: row.current for dialect in DIALECTS for row in dialect.rows}
    return rows | {row.older: row.current for row in OLDER_ATTRIBUTES if row.older in OLDER_NAMES}


def logs() -> str:
    holder = "log.attributes"
    names_of_old = either(*(is_there(name, holder) for name in sorted(OLDER_NAMES)))
    gone = [
        delete(row.older, is_there(row.current, holder), KEEPS, holder=holder)
        for row in OLDER_ATTRIBUTES
        if row.older in OLDER_NAMES
    ]
    return group(
        "Events have the older names of the conventions too.", [*older(holder), *providers(holder), *gone], names_of_old
    )


HEAD: Final = """\
# Calls that other instrumentations tell of, under the names of today: OpenLLMetry, OpenInference, OpenTelemetry's own,
# the anthropic SDK's own spans, Pydantic AI, LangSmith, and whoever follows older conventions. It stands on top of
# another file:
#
#   otelcol-contrib --config gateway.yaml --config normalise.yaml
#
# Generated by scripts/generate_normalise.py from the tables that `firsttoken serve` reads by; do not edit.
# docs/collector/normalise.md says what is moved, and what cannot be.

processors:
  # The same as in the files below it, for those that have none.
  memory_limiter:
    check_interval: 1s
    limit_percentage: 75
    spike_limit_percentage: 20

  transform/normalise:
    # What a value makes impossible is left out, and never a span. Nothing is logged of it: an error tells the value.
    error_mode: silent
    trace_statements:
"""

TAIL: Final = """
service:
  pipelines:
    # Before whatever counts, samples or redacts.
    traces:
      processors: [memory_limiter, transform/normalise]
    logs:
      processors: [memory_limiter, transform/normalise]
"""


def render() -> str:
    not_ours = both(is_there(DIALECT), f"{at(DIALECT)} != {quoted(OUR_SCOPE)}")
    groups = [
        told_apart(),
        uncounted_output(),
        group("Older conventions.", older("span.attributes"), is_there(DIALECT)),
        raised(),
        errors(),
        oldest(),
        *(dialect_group(dialect) for dialect in DIALECTS),
        first_chunks(),
        group(
            "Providers by the names of the conventions, all input in one count, one cost, the name and kind of a call.",
            [*providers("span.attributes"), *cached_beside(), *costs(), *shaped()],
            not_ours,
        ),
        cleared(),
        group("These were for the statements alone.", [delete(DIALECT), delete(RAISED)], is_there(DIALECT)),
    ]
    return HEAD + "\n".join(groups) + "\n    log_statements:\n" + logs() + "\n" + TAIL


if __name__ == "__main__":
    sys.exit(write_or_check(TARGET, render, script=__file__, about=__doc__))
