"""Who may send to the gateway, what it says of itself, and how metrics are scraped from it."""

from __future__ import annotations

import json
import ssl
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span
from patience import until

from e2e.certificates import authority, certificate
from e2e.documented import DOCS, write_shown_files
from e2e.gateway import TRUSTED, gateway
from e2e.observed import Otlp, observed
from e2e.programs import prometheus
from e2e.queries import asked, values
from e2e.sink import grpc_sink, http_sink

pytestmark = pytest.mark.timeout(900)

SAFE = "gateway.yaml"
TOKEN, NEWER = "9b1c0e", "77d2af"
OK = grpc.StatusCode.OK
REFUSED = grpc.StatusCode.UNAUTHENTICATED
ASKED = ExportTraceServiceRequest(
    resource_spans=[ResourceSpans(scope_spans=[ScopeSpans(spans=[Span(name="asked", span_id=b"8" * 8)])])]
)
COUNTED = 'sum(gen_ai_client_inference_duration_seconds_count{job="shop", deployment_environment_name="prod"})'


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What a safe gateway and those who send to it have."""
    made = tmp_path_factory.mktemp("safe")
    issuer = authority(made)
    for name in ("gateway", "application"):
        certificate(made, name, issuer)
    (made / "tokens").write_text(f"{TOKEN} of shop\n{NEWER} of desk\n")
    return made


@pytest.fixture(autouse=True)
def _certificates_of_ours(monkeypatch):
    """What `requests` finds there it prefers to the authority that an exporter names."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def safe_gateway(binary, folder, files, **more):
    return gateway(
        binary,
        folder,
        OTLP_TLS_CERT_FILE=str(files / "gateway.crt"),
        OTLP_TLS_KEY_FILE=str(files / "gateway.key"),
        OTLP_TOKENS_FILE=str(files / "tokens"),
        **more,
    )


@pytest.fixture
def place(collector_binary, tmp_path, files):
    return safe_gateway(collector_binary, tmp_path, files)


@pytest.fixture(scope="module")
def up(collector_binary, tmp_path_factory, files):
    """A safe gateway that is up, and the back end behind it."""
    place = safe_gateway(collector_binary, tmp_path_factory.mktemp("up"), files)
    with grpc_sink(place.traces) as traces, http_sink(place.logs), place.running(SAFE):
        yield place, traces


def over_tls(place, files, protocol="grpc", token=TOKEN):
    endpoint = f"127.0.0.1:{place.grpc}" if protocol == "grpc" else f"https://127.0.0.1:{place.http}"
    headers = {"authorization": f"Bearer {token}"}
    return Otlp(endpoint=endpoint, protocol=protocol, headers=headers, ca_file=str(files / "authority.crt"))


def answer_to(place, files, authorization, *own):
    """To an empty request, by gRPC. `own` are the files of a key and a certificate to show."""
    read = [path.read_bytes() for path in (files / "authority.crt", *own)]
    metadata = () if authorization is None else (("authorization", authorization),)
    with grpc.secure_channel(f"127.0.0.1:{place.grpc}", grpc.ssl_channel_credentials(*read)) as channel:
        try:
            TraceServiceStub(channel).Export(ExportTraceServiceRequest(), metadata=metadata, timeout=30)
        except grpc.RpcError as error:
            return error.code()
        return OK


def http_answer_to(place, files, authorization):
    headers = {"Content-Type": "application/json"} | ({} if authorization is None else {"Authorization": authorization})
    return answer_over_tls(Request(f"https://127.0.0.1:{place.http}/v1/traces", b"{}", headers), files)


def answer_over_tls(request, files):
    try:
        with urlopen(request, context=ssl.create_default_context(cafile=files / "authority.crt"), timeout=30) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("token", [TOKEN, NEWER])
@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_who_shows_a_token_over_tls_is_let_in(up, files, protocol, token):
    place, traces = up
    with observed(over_tls(place, files, protocol, token)) as app:
        trace = app.stream()
        app.flush()

        traces.until(lambda: trace in [span.trace_id for span in traces.spans])


@pytest.mark.parametrize(
    ("authorization", "is_good"),
    [
        (f"Bearer {TOKEN}", True),
        (None, False),
        ("", False),
        ("Bearer", False),
        (TOKEN, False),
        (f"Basic {TOKEN}", False),
        (f"Bearer {TOKEN[:-1]}", False),
        (f"Bearer {TOKEN}0", False),
        (f"Bearer {TOKEN} of shop", False),
        (f"Bearer {TOKEN} {NEWER}", False),
    ],
)
def test_who_shows_another_token_or_none_is_refused(up, files, authorization, is_good):
    answers = answer_to(up[0], files, authorization), http_answer_to(up[0], files, authorization)

    assert answers == ((OK, 200) if is_good else (REFUSED, 401))


def test_a_token_is_good_while_it_stands_in_the_file_without_a_restart(up, files):
    tokens = files / "tokens"
    before = tokens.read_text()
    tokens.write_text(f"{before}added\n")
    until(lambda: answer_to(up[0], files, "Bearer added") is OK)
    tokens.write_text(before)
    until(lambda: answer_to(up[0], files, "Bearer added") is REFUSED)

    assert answer_to(up[0], files, f"Bearer {TOKEN}") is OK


def test_a_line_of_comment_in_the_file_of_tokens_is_a_token_as_the_page_warns(up, files):
    tokens = files / "tokens"
    before = tokens.read_text()
    tokens.write_text(f"{before}# of nobody\n")
    until(lambda: answer_to(up[0], files, "Bearer #") is OK)
    tokens.write_text(before)
    until(lambda: answer_to(up[0], files, "Bearer #") is REFUSED)


def test_where_certificates_are_asked_for_a_token_alone_is_refused(place, files):
    shown = (files / "application.key", files / "application.crt")
    with place.running(SAFE, OTLP_TLS_CLIENT_CA_FILE=str(files / "authority.crt")):
        assert answer_to(place, files, f"Bearer {TOKEN}", *shown) is OK
        assert answer_to(place, files, "Bearer wrong", *shown) is REFUSED
        assert answer_to(place, files, f"Bearer {TOKEN}") is grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def patient(monkeypatch):
    """Exporters that try again for half a minute, as docs/collector/gateway.md tells applications to, and a thread."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "60")
    with ThreadPoolExecutor(1) as thread:
        yield thread


def test_what_is_sent_readable_to_a_safe_gateway_is_refused(up):
    """To be tried again over gRPC, and for good over HTTP."""
    place, _ = up

    assert readable_answer_to(place) is grpc.StatusCode.UNAVAILABLE
    with pytest.raises(HTTPError) as refused, urlopen(f"http://127.0.0.1:{place.http}/v1/traces", b"{}", timeout=30):
        pass
    refused.value.close()
    assert refused.value.code == 400


def readable_answer_to(place):
    """To a span with a good token, which nobody encrypts."""
    metadata = [("authorization", f"Bearer {TOKEN}")]
    with grpc.insecure_channel(f"127.0.0.1:{place.grpc}") as channel:
        try:
            TraceServiceStub(channel).Export(ASKED, metadata=metadata, timeout=30)
        except grpc.RpcError as error:
            return error.code()
        return OK


def test_what_the_memory_limiter_refuses_waits_in_the_application(place, patient, tmp_path):
    full = tmp_path / "full.yaml"
    limits = {"check_interval": "10ms", "limit_mib": 2, "spike_limit_mib": 1}
    full.write_text(json.dumps({"processors": {"memory_limiter": limits}}))
    with (
        grpc_sink(place.traces) as traces,
        place.many_times() as lives,
        observed(f"127.0.0.1:{place.grpc}") as app,
    ):
        lives.start(*TRUSTED, full)
        until(lambda: readable_answer_to(place) is grpc.StatusCode.UNAVAILABLE)
        before = place.says("otelcol_receiver_refused_spans")
        trace = app.stream()
        flushed = patient.submit(app.flush)
        until(lambda: place.says("otelcol_receiver_refused_spans") > before)
        lives.end()
        lives.start()
        flushed.result()
        traces.until(lambda: [trace] == [span.trace_id for span in traces.spans if span.name != "asked"])


def test_the_health_check_says_whether_the_gateway_is_up(place):
    assert health(place) is None
    with place.running():
        assert health(place) == 200
    assert health(place) is None


def health(place):
    """Nothing while nobody answers."""
    try:
        with urlopen(f"http://127.0.0.1:{place.health}", timeout=30) as answer:
            return answer.status
    except URLError:
        return None


def test_back_ends_may_want_tls_and_a_token(place, up, files, tmp_path):
    """Another gateway is the back end."""
    behind, traces = up
    token = tmp_path / "token.yaml"
    headers = {"headers": {"authorization": f"Bearer {TOKEN}"}}
    token.write_text(json.dumps({"exporters": {"otlp_grpc/traces": headers, "otlp_http/logs": headers}}))
    safe = {
        "TRACES_ENDPOINT": f"127.0.0.1:{behind.grpc}",
        "TRACES_INSECURE": "false",
        "LOGS_ENDPOINT": f"https://127.0.0.1:{behind.http}/v1/logs",
        "BACK_END_CA_FILE": str(files / "authority.crt"),
    }
    with place.running(*TRUSTED, token, **safe), observed(f"127.0.0.1:{place.grpc}") as app:
        trace = app.stream()
        app.flush()

        traces.until(lambda: trace in [span.trace_id for span in traces.spans])
        until(lambda: place.says("otelcol_exporter_sent_log_records") == 2)


def test_who_scrapes_may_be_asked_for_a_token_over_tls_by_the_file_that_the_page_shows(place, files, tmp_path):
    write_shown_files(DOCS / "collector" / "gateway.md", tmp_path)
    (tmp_path / "scraping").write_text("5c7a\n")
    asking = {"METRICS_EXPORTER": "prometheus", "SCRAPE_TOKENS_FILE": str(tmp_path / "scraping")}
    with place.running(SAFE, tmp_path / "scraped-safely.yaml", **asking):
        answers = [scraped_with(place, files, token) for token in ("5c7a", TOKEN, None)]

        assert answers == [200, 401, 401]
        assert answer_to(place, files, "Bearer 5c7a") is REFUSED


def scraped_with(place, files, token):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return answer_over_tls(Request(f"https://127.0.0.1:{place.scraped}/metrics", headers=headers), files)


def test_prometheus_may_scrape_the_applications_metrics(place, tmp_path):
    with (
        grpc_sink(place.traces),
        place.running(METRICS_EXPORTER="prometheus", PROMETHEUS_REMOTE_WRITE_URL=""),
        prometheus(tmp_path, place.prometheus, scraped=[place.scraped]) as url,
        observed(f"127.0.0.1:{place.grpc}") as app,
    ):
        trace = app.stream()
        app.flush()
        until(lambda: values(url, COUNTED) == [1])
        app.stream()
        app.flush()
        until(lambda: values(url, COUNTED) == [2])
        series = "gen_ai_client_inference_time_to_first_chunk_seconds_bucket"
        found = asked(url, "query_exemplars", query=series, start="0", end="4000000000")
        assert trace in [each["labels"]["trace_id"] for line in found for each in line["exemplars"]]
