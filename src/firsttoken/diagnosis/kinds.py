"""Every kind of finding. The table in docs/doctor.md is made from this one."""

from __future__ import annotations

from typing import Final

from firsttoken.diagnosis.finding import Kind, Level, Topic

OK, NOTE, WARNING, PROBLEM = Level.OK, Level.NOTE, Level.WARNING, Level.PROBLEM

# The program that was looked at.

CALLS_OBSERVED: Final = Kind(
    "calls-observed",
    OK,
    Topic.CALLS,
    "{calls} went through firsttoken in this process.",
    "Each was handed to the providers below.",
)
NO_CALLS: Final = Kind(
    "no-calls",
    NOTE,
    Topic.CALLS,
    "No call went through firsttoken in this process.",
    "Either the program made none through the SDKs below, or it made them before firsttoken was switched on.",
)
CALLS_OPEN: Final = Kind(
    "calls-open",
    NOTE,
    Topic.CALLS,
    "{calls} had not ended.",
    "Streams that are neither read to their end nor closed are recorded as abandoned when the program ends.",
)
PROGRAM_ENDED: Final = Kind(
    "program-ended",
    NOTE,
    Topic.PROGRAM,
    "{program} ended with exit code {exit_code}.",
    "That is its own: what follows is how it stood then.",
)
PROGRAM_UNSEEN: Final = Kind(
    "program-unseen",
    PROBLEM,
    Topic.PROGRAM,
    "No Python process of {program} said how it stood: {reason}.",
    "Run it with a Python that has firsttoken, without -I, -E or -S, and let it end by itself.",
)
OTHER_PROCESSES: Final = Kind(
    "other-processes",
    NOTE,
    Topic.PROGRAM,
    "{processes} below it imported neither openai nor anthropic.",
    "They have nothing to observe and are left out here.",
)
STEP_FAILED: Final = Kind(
    "step-failed",
    WARNING,
    Topic.PROGRAM,
    "The diagnosis could not {step}: {reason}.",
    "The other findings hold. Please report this one.",
)

# The SDKs and who stands on them.

SDK_OBSERVED: Final = Kind(
    "sdk-observed",
    OK,
    Topic.SDKS,
    "{sdk} {version} is observed, at {places}.",
    "Each of its calls gives one span, metrics and log events.",
)
SDK_ADAPTED: Final = Kind(
    "sdk-adapted",
    OK,
    Topic.SDKS,
    "{sdk} {version} is observed where a firsttoken.StreamAdapter uses it, and nowhere else.",
    "Call firsttoken.instrument() to have the other calls of the program observed as well.",
)
SDK_AWAITED: Final = Kind(
    "sdk-awaited",
    OK,
    Topic.SDKS,
    "{sdk} {version} is installed and not imported here.",
    "It is observed as soon as the program imports it.",
)
SDK_UNOBSERVED: Final = Kind(
    "sdk-unobserved",
    WARNING,
    Topic.SDKS,
    "{sdk} {version} is not observed.",
    "firsttoken is not switched on for it: call firsttoken.instrument(), or start the program with firsttoken run or "
    "opentelemetry-instrument.",
)
SDK_SWITCHED_OFF: Final = Kind(
    "sdk-switched-off",
    PROBLEM,
    Topic.SDKS,
    "{sdk} {version} is not observed: {variable} has {word}.",
    "opentelemetry-instrument and firsttoken run then pass firsttoken over. Take {word} out of {variable}.",
)
SDK_MISSING: Final = Kind(
    "sdk-missing",
    NOTE,
    Topic.SDKS,
    "{sdk} is not installed for this Python.",
    "There is nothing of it to observe. Where the program uses it, look at the program's own Python.",
)
NO_SDK: Final = Kind(
    "no-sdk",
    PROBLEM,
    Topic.SDKS,
    "Neither openai nor anthropic is installed for this Python.",
    "No call can be observed here. Run this command with the Python of your program, or install an SDK.",
)
SDK_TOO_OLD: Final = Kind(
    "sdk-too-old",
    PROBLEM,
    Topic.SDKS,
    "{sdk} {version} is older than {oldest}, so it is not observed.",
    "Upgrade with pip install '{sdk}>={oldest}'.",
)
SDK_UNTESTED: Final = Kind(
    "sdk-untested",
    NOTE,
    Topic.SDKS,
    "{sdk} {version} is outside {tested}, which is what firsttoken is tested with.",
    "It is observed as far as it is built as before. Look for a newer firsttoken.",
)
SDK_BROKEN: Final = Kind(
    "sdk-broken",
    PROBLEM,
    Topic.SDKS,
    "{sdk} {version} is installed but cannot be imported: {reason}.",
    "The program cannot use it either. Repair it with pip install --force-reinstall {sdk}.",
)
SEAM_UNKNOWN: Final = Kind(
    "seam-unknown",
    PROBLEM,
    Topic.SDKS,
    "{sdk} {version} has no request method as firsttoken knows it, so it is not observed.",
    "Look for a newer firsttoken, or use an older {sdk}.",
)
SEAM_LOST: Final = Kind(
    "seam-lost",
    PROBLEM,
    Topic.SDKS,
    "{who} has put another function in the place of {place}, and firsttoken's wrapper with it.",
    "Calls through it are not observed. Switch firsttoken on after {who} has done so.",
)
OTHER_TRACER: Final = Kind(
    "other-tracer",
    WARNING,
    Topic.SDKS,
    "{who} traces {sdk} as well: {places} wrapped by {module}.",
    "Each such call gives two spans, and whoever adds up their tokens counts them twice. Keep one: {remedy}.",
)
OTHER_TRACER_ALONE: Final = Kind(
    "other-tracer-alone",
    NOTE,
    Topic.SDKS,
    "{who} traces {sdk}, and firsttoken does not: {places} wrapped by {module}.",
    "Nothing is double. To use firsttoken in its place: {remedy}, then call firsttoken.instrument().",
)
OTHER_WRAPPER: Final = Kind(
    "other-wrapper",
    NOTE,
    Topic.SDKS,
    "{module} has wrapped {places} of {sdk}.",
    "firsttoken works beside it. If it makes spans, each call has two.",
)
FRAMEWORK_TRACED: Final = Kind(
    "framework-traced",
    NOTE,
    Topic.SDKS,
    "{framework} is traced as well, by {module}.",
    "Its spans stand above firsttoken's and may say the tokens of the same calls again: add up those of the scope "
    "firsttoken alone.",
)
INSTRUMENTOR_IDLE: Final = Kind(
    "instrumentor-idle",
    NOTE,
    Topic.SDKS,
    "{distribution} {version} is installed for {sdk}, and does nothing in this process.",
    "opentelemetry-instrument and firsttoken run may load it, and each call then has two spans. "
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS={entry} keeps it out.",
)
NATIVE_REPLACED: Final = Kind(
    "native-replaced",
    OK,
    Topic.SDKS,
    "The spans that {sdk} makes itself give way to firsttoken's.",
    "One span for each call. ANTHROPIC_OPEN_TELEMETRY=true keeps the SDK's instead.",
)
NATIVE_KEPT: Final = Kind(
    "native-kept",
    NOTE,
    Topic.SDKS,
    "{sdk} makes its own spans, for ANTHROPIC_OPEN_TELEMETRY is set.",
    "firsttoken adds metrics and log events and no second span; cost and time to the first token are not on the "
    "SDK's. Unset the variable to have them.",
)
HTTP_SPANS: Final = Kind(
    "http-spans",
    NOTE,
    Topic.SDKS,
    "HTTP requests have spans of their own, by {module} ({clients}).",
    "They stand below the call's span and hold no tokens, so nothing is counted twice.",
)

# Settings.

SETTINGS: Final = Kind(
    "settings",
    OK,
    Topic.SETTINGS,
    "Options in force: {options}.",
    "What is not named has its default.",
)
VARIABLE_WRONG: Final = Kind(
    "variable-wrong",
    PROBLEM,
    Topic.SETTINGS,
    "{complaint}.",
    "Until then {consequence}.",
)
VARIABLE_UNKNOWN: Final = Kind(
    "variable-unknown",
    WARNING,
    Topic.SETTINGS,
    "{variable} is set, and nobody reads it.",
    "{suggestion}",
)
CONTENT_CAPTURED: Final = Kind(
    "content-captured",
    NOTE,
    Topic.SETTINGS,
    "Prompts and answers are recorded on {where}.",
    "They go wherever these go, see below, {redaction}. "
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=NO_CONTENT and FIRSTTOKEN_TRACE_CONTENT=none keep them in the "
    "program.",
)
TRACE_CONTENT_NOWHERE: Final = Kind(
    "trace-content-nowhere",
    WARNING,
    Topic.SETTINGS,
    "trace_content={level} has no effect, for provider_traces={where} sends no log records.",
    "Nothing but these carries the request and the answer of a provider trace. FIRSTTOKEN_PROVIDER_TRACES=logs or both "
    "sends them.",
)
PRICES_MISSING: Final = Kind(
    "prices-missing",
    NOTE,
    Topic.SETTINGS,
    "No price list is installed, and no file of your own is named.",
    "Calls are unpriced. Run pip install 'firsttoken[prices]', or set FIRSTTOKEN_PRICES.",
)
HTTPX_MISSING: Final = Kind(
    "httpx-missing",
    WARNING,
    Topic.SETTINGS,
    "FIRSTTOKEN_HTTPX asks for spans of HTTP requests, and their instrumentation is not installed.",
    "There are none. Run pip install 'firsttoken[httpx]'.",
)

# Where telemetry goes.

PROVIDERS: Final = Kind(
    "providers",
    OK,
    Topic.TELEMETRY,
    "{signals} go through {whose}.",
    "{consequence}",
)
PROVIDER_EMPTY: Final = Kind(
    "provider-empty",
    WARNING,
    Topic.TELEMETRY,
    "{signal} end in the application's own provider, made by {maker}, which exports nothing.",
    "firsttoken joins it and never replaces it. Give it an exporter, or do not set it.",
)
DISTRIBUTION: Final = Kind(
    "distribution",
    NOTE,
    Topic.TELEMETRY,
    "An OpenTelemetry distribution sets up the providers: {entry} of {distribution}.",
    "Under opentelemetry-instrument and firsttoken run its providers are the application's, and firsttoken joins them.",
)
SWITCHED_OFF: Final = Kind(
    "telemetry-switched-off",
    PROBLEM,
    Topic.TELEMETRY,
    "{variable}={value} keeps {signals} back.",
    "Unset {variable} to see them.",
)
SAMPLED_OUT: Final = Kind(
    "sampled-out",
    PROBLEM,
    Topic.TELEMETRY,
    "No span is kept: the sampler is {sampler}.",
    "Metrics and log events go out all the same. Change OTEL_TRACES_SAMPLER, or the provider's own sampler.",
)
SAMPLED: Final = Kind(
    "sampled",
    NOTE,
    Topic.TELEMETRY,
    "Spans are sampled by {sampler}.",
    "Some calls have no span, so sums over spans are too low. Metrics count every call.",
)
NOT_EXPORTED: Final = Kind(
    "not-exported",
    NOTE,
    Topic.TELEMETRY,
    "{signal} are not exported: {variable}={value}.",
    "Unset it, or set it to otlp, to send them.",
)
EXPORTED_ELSEWHERE: Final = Kind(
    "exported-elsewhere",
    OK,
    Topic.TELEMETRY,
    "{signal} go to {exporter}.",
    "No endpoint is known for it, so none was asked.",
)
EXPORT_FAILED: Final = Kind(
    "export-failed",
    PROBLEM,
    Topic.TELEMETRY,
    "firsttoken cannot export: {complaint}.",
    "What concerns it is lost until that is mended.",
)
# Whether an endpoint answers.

ENDPOINT_ANSWERS: Final = Kind(
    "endpoint-answers",
    OK,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, which answers.",
    "It took an empty delivery in {milliseconds} ms.",
)
ENDPOINT_UNASKED: Final = Kind(
    "endpoint-unasked",
    NOTE,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, which was not asked.",
    "{reason}",
)
ENDPOINT_UNCONFIGURED: Final = Kind(
    "endpoint-unconfigured",
    WARNING,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, for nothing else is set, and nobody listens there.",
    "Start one with firsttoken serve, or set OTEL_EXPORTER_OTLP_ENDPOINT. firsttoken run needs neither.",
)
ENDPOINT_REFUSED: Final = Kind(
    "endpoint-refused",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, where nobody listens.",
    "All of it is lost. Start the collector, or correct the host and port in {variable}.",
)
ENDPOINT_UNKNOWN_HOST: Final = Kind(
    "endpoint-unknown-host",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, whose host name is not known.",
    "All of it is lost. Correct the host in {variable}.",
)
ENDPOINT_SILENT: Final = Kind(
    "endpoint-silent",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, which did not answer within {limit_s} s.",
    "It hangs, is no OTLP receiver or stands behind a firewall: look at the receiver, or correct {variable}.",
)
ENDPOINT_TLS: Final = Kind(
    "endpoint-tls",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, and no secure connection can be made: {reason}.",
    "All of it is lost. For a receiver without TLS write http:// in {variable}; for one with a certificate of your "
    "own name that in OTEL_EXPORTER_OTLP_CERTIFICATE.",
)
ENDPOINT_UNAUTHORIZED: Final = Kind(
    "endpoint-unauthorized",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, which does not let us in: {reason}.",
    "All of it is lost. Set the key in OTEL_EXPORTER_OTLP_HEADERS; {headers}.",
)
ENDPOINT_NOT_FOUND: Final = Kind(
    "endpoint-not-found",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, which has nothing for them there: {reason}.",
    "All of it is lost. OTEL_EXPORTER_OTLP_ENDPOINT takes the address without /v1/..., those of one signal take "
    "all of it; for a receiver that does not take this signal set {exporter_variable}=none.",
)
ENDPOINT_NOT_OTLP: Final = Kind(
    "endpoint-not-otlp",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, and what answers is no OTLP receiver: {reason}.",
    "All of it is lost. Correct the port in {variable}: 4318 is the usual one for HTTP, 4317 for gRPC.",
)
ENDPOINT_SPEAKS_GRPC: Final = Kind(
    "endpoint-speaks-grpc",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, and what listens there speaks gRPC.",
    "All of it is lost. Set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or use the receiver's port for HTTP, usually 4318.",
)
ENDPOINT_SPEAKS_HTTP: Final = Kind(
    "endpoint-speaks-http",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, and what listens there speaks HTTP.",
    "All of it is lost. Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or use the receiver's port for gRPC, usually "
    "4317.",
)
ENDPOINT_BUSY: Final = Kind(
    "endpoint-busy",
    WARNING,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, which takes nothing now: {reason}.",
    "Deliveries are tried again for a while, then lost. Look at the receiver's own log.",
)
ENDPOINT_REFUSES: Final = Kind(
    "endpoint-refuses",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint} by {protocol}, which turned an empty delivery away: {reason}.",
    "Real ones may fare no better. Look at the receiver's own log.",
)
ENDPOINT_WRONG: Final = Kind(
    "endpoint-wrong",
    PROBLEM,
    Topic.TELEMETRY,
    "{signals} go to {endpoint}, which is no address of a receiver: {reason}.",
    "All of it is lost. Write {variable} like http://localhost:4318.",
)

# What was lost on our side.

NOTHING_LOST: Final = Kind(
    "nothing-lost",
    OK,
    Topic.LOSSES,
    "Nothing was dropped on the way to the exporters, and no step of firsttoken failed.",
    "Every call that ended was handed to the providers above.",
)
COMPLAINT: Final = Kind(
    "complaint",
    WARNING,
    Topic.LOSSES,
    "{logger} complained {times}, first with: {message}",
    "What it speaks of may be missing. Where an endpoint above has a problem, that is why.",
)
CALLS_DROPPED: Final = Kind(
    "calls-dropped",
    PROBLEM,
    Topic.LOSSES,
    "{calls} went unrecorded, because more waited than the queue holds.",
    "An exporter or a span processor blocks for long: look at the endpoints above.",
)
RECORDS_DROPPED: Final = Kind(
    "records-dropped",
    PROBLEM,
    Topic.LOSSES,
    "{items} gave way to newer ones, because more waited than the exporter's queue holds.",
    "The receiver is slower than the calls, or does not answer: look at the endpoints above. OTEL_BSP_MAX_QUEUE_SIZE "
    "and OTEL_BLRP_MAX_QUEUE_SIZE make more room.",
)
RECORDS_TOO_LARGE: Final = Kind(
    "records-too-large",
    PROBLEM,
    Topic.LOSSES,
    "{items} could not be cut to what one OTLP message holds, and went nowhere.",
    "Something other than long texts fills them, such as a list of very many values.",
)
TEXTS_DROPPED: Final = Kind(
    "texts-dropped",
    PROBLEM,
    Topic.LOSSES,
    "{items} did not come into the content store, because more waited than is held for it.",
    "What was recorded of them is cut, and the rest is gone. The store is slower than the calls: a directory on this "
    "machine is the fastest.",
)
TEXTS_UNWRITTEN: Final = Kind(
    "texts-unwritten",
    PROBLEM,
    Topic.LOSSES,
    "{items} could not be written to the content store.",
    "What was recorded of them is cut, and names a place where nothing is. See that this process may write where "
    "FIRSTTOKEN_CONTENT_STORE says, and that there is room.",
)
RECORDS_UNDELIVERED: Final = Kind(
    "records-undelivered",
    PROBLEM,
    Topic.LOSSES,
    "{items} could not be delivered: the exporter gave up.",
    "It has tried again until its time was over. Look at the endpoints above, and at what it logged.",
)
CALLS_WAITING: Final = Kind(
    "calls-waiting",
    NOTE,
    Topic.LOSSES,
    "The queue of the background thread holds {steps}.",
    "firsttoken.flush() waits for them. A number that grows means that a span processor or an exporter blocks.",
)
TROUBLE: Final = Kind(
    "trouble",
    WARNING,
    Topic.LOSSES,
    "firsttoken could not {step}, {times}.",
    "The program was not affected, its telemetry was. logging.getLogger('firsttoken').setLevel('DEBUG') shows why; "
    "please report it.",
)
NOVELTIES: Final = Kind(
    "novelties",
    NOTE,
    Topic.LOSSES,
    "Providers said what firsttoken does not know: {words}.",
    "It was passed on to the program untouched; its meaning is missing from the calls. Look for a newer firsttoken.",
)

# The local half.

SERVER_RUNS: Final = Kind(
    "server-runs",
    OK,
    Topic.LOCAL,
    "firsttoken serve {version} runs (process {pid}): {received}.",
    "Its page is {page}; it receives at {grpc} (gRPC) and {http} (HTTP).",
)
SERVER_REFUSED: Final = Kind(
    "server-refused",
    WARNING,
    Topic.LOCAL,
    "The running server refused {things}: {reason}.",
    "They are not in its store. Programs that send them say so in their own logs.",
)
SERVER_STORE: Final = Kind(
    "server-store",
    PROBLEM,
    Topic.LOCAL,
    "The running server cannot write its store: {reason}.",
    "Calls that arrive are lost until that is mended.",
)
SERVER_ABSENT: Final = Kind(
    "server-absent",
    NOTE,
    Topic.LOCAL,
    "No firsttoken serve runs: nobody listens on port {port}.",
    "firsttoken run starts one of its own; for opentelemetry-instrument start firsttoken serve first.",
)
SERVER_FOREIGN: Final = Kind(
    "server-foreign",
    NOTE,
    Topic.LOCAL,
    "What listens on port {port} is not this firsttoken: {reason}.",
    "firsttoken serve needs another --page-port there; firsttoken run finds one by itself.",
)
STORE_READS: Final = Kind(
    "store-reads",
    OK,
    Topic.LOCAL,
    "The store {store} is sound and holds {calls}.",
    "firsttoken calls and firsttoken report read it.",
)
STORE_ABSENT: Final = Kind(
    "store-absent",
    NOTE,
    Topic.LOCAL,
    "There is no store at {store} yet.",
    "firsttoken run and firsttoken serve make it.",
)
STORE_OLDER: Final = Kind(
    "store-older",
    NOTE,
    Topic.LOCAL,
    "The store {store} was made by an older firsttoken.",
    "firsttoken run and firsttoken serve bring it up to date as they start; until then nothing reads it.",
)
STORE_BROKEN: Final = Kind(
    "store-broken",
    PROBLEM,
    Topic.LOCAL,
    "The store cannot be used: {reason}.",
    "firsttoken run and firsttoken serve will not start with it.",
)
LOCAL_MISSING: Final = Kind(
    "local-missing",
    NOTE,
    Topic.LOCAL,
    "The receiver, the store and the page are not installed ({modules} missing).",
    "This Python can send telemetry and not show it. For firsttoken run and serve: pip install 'firsttoken[local]'.",
)

KINDS: Final = tuple(value for value in list(globals().values()) if isinstance(value, Kind))
"""All of them, in the order above."""
