"""Asks an OTLP endpoint whether it answers, by an empty delivery, which every receiver takes and nobody sees."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.destinations import Destination
from firsttoken.diagnosis.finding import Kind

if TYPE_CHECKING:
    import grpc
    import requests

LIMIT_S: Final = 3.0
"""How long an endpoint may take to answer."""
CONTENT_TYPE: Final = "application/x-protobuf"
METHODS: Final = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one empty delivery."""

    kind: Kind
    reason: str = ""
    seconds: float = 0.0

    @property
    def reached(self) -> bool:
        """Whether there is a receiver, whatever it thinks of the delivery."""
        return self.kind not in UNREACHED


UNREACHED: Final = (
    kinds.ENDPOINT_REFUSED,
    kinds.ENDPOINT_UNKNOWN_HOST,
    kinds.ENDPOINT_SILENT,
    kinds.ENDPOINT_TLS,
    kinds.ENDPOINT_WRONG,
)
"""What holds for all signals that go there."""

STATUSES: Final = {
    301: kinds.ENDPOINT_NOT_FOUND,
    302: kinds.ENDPOINT_NOT_FOUND,
    307: kinds.ENDPOINT_NOT_FOUND,
    308: kinds.ENDPOINT_NOT_FOUND,
    401: kinds.ENDPOINT_UNAUTHORIZED,
    403: kinds.ENDPOINT_UNAUTHORIZED,
    404: kinds.ENDPOINT_NOT_FOUND,
    405: kinds.ENDPOINT_NOT_FOUND,
    408: kinds.ENDPOINT_BUSY,
    429: kinds.ENDPOINT_BUSY,
    502: kinds.ENDPOINT_BUSY,
    503: kinds.ENDPOINT_BUSY,
    504: kinds.ENDPOINT_BUSY,
}
"""Of HTTP."""

CODES: Final = {
    "UNAUTHENTICATED": kinds.ENDPOINT_UNAUTHORIZED,
    "PERMISSION_DENIED": kinds.ENDPOINT_UNAUTHORIZED,
    "UNIMPLEMENTED": kinds.ENDPOINT_NOT_FOUND,
    "DEADLINE_EXCEEDED": kinds.ENDPOINT_SILENT,
    "RESOURCE_EXHAUSTED": kinds.ENDPOINT_BUSY,
}
"""Of gRPC."""

SIGNS: Final = (
    (re.compile(r"certificate|handshake|\bssl\b|\btls\b|wrong version number", re.IGNORECASE), kinds.ENDPOINT_TLS),
    (
        re.compile(
            r"name or service not known|nodename nor servname|name resolution|DNS resolution|getaddrinfo|"
            r"no address associated|domain name not found",
            re.IGNORECASE,
        ),
        kinds.ENDPOINT_UNKNOWN_HOST,
    ),
    (re.compile(r"refused|actively refused|unreachable|no route to host", re.IGNORECASE), kinds.ENDPOINT_REFUSED),
    (re.compile(r"timed? ?out|deadline", re.IGNORECASE), kinds.ENDPOINT_SILENT),
)
"""What the messages of a failed connection have in them. The first that fits decides."""


def ask(destination: Destination, limit_s: float = LIMIT_S) -> Answer:
    """Takes at most twice `limit_s`: what does not speak one protocol is tried with the other.

    Raises ImportError where the packages of the exporters are not whole.
    """
    if (wrong := _wrong_address(destination)) is not None:
        return Answer(kinds.ENDPOINT_WRONG, wrong)
    started = time.monotonic()
    try:
        answer = _ASKING[destination.protocol](destination, limit_s)
    except ImportError:
        raise
    except OSError as error:  # A file of a certificate or key.
        answer = Answer(kinds.ENDPOINT_TLS, _first_line(error))
    except Exception as error:  # noqa: BLE001  proxies and addresses may be anything
        answer = Answer(kinds.ENDPOINT_WRONG, _first_line(error))
    return Answer(answer.kind, answer.reason, time.monotonic() - started)


def _wrong_address(destination: Destination) -> str | None:
    try:
        parts = urlsplit(destination.url)
        if parts.port == 0:
            return "port 0 is none"
    except ValueError as error:
        return str(error)
    if destination.protocol == "http/protobuf" and parts.scheme not in ("http", "https"):
        return "it does not begin with http:// or https://"
    return None if parts.hostname or destination.protocol == "grpc" else "it names no host"


def _ask_http(destination: Destination, limit_s: float) -> Answer:
    import requests

    try:
        return _judge(_post(destination, limit_s))
    except requests.Timeout:
        return Answer(kinds.ENDPOINT_SILENT)
    except requests.exceptions.SSLError as error:
        return Answer(kinds.ENDPOINT_TLS, _tls_reason(error))
    except requests.ConnectionError as error:
        if (sign := _sign(error)) is not None:
            return Answer(sign, _first_line(error))
    except requests.RequestException as error:
        return Answer(kinds.ENDPOINT_WRONG, _first_line(error))
    return _whoever_speaks_no_http(destination, limit_s)


def _whoever_speaks_no_http(destination: Destination, limit_s: float) -> Answer:
    if _deliver_by_grpc(destination, limit_s).kind in SPOKEN:
        return Answer(kinds.ENDPOINT_SPEAKS_GRPC)
    return Answer(kinds.ENDPOINT_NOT_OTLP, "it speaks no HTTP")


def _judge(response: requests.Response) -> Answer:
    status = f"HTTP {response.status_code} {response.reason}".strip()
    if response.ok and response.status_code < 300:
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.content and content_type not in (CONTENT_TYPE, "application/json"):
            return Answer(kinds.ENDPOINT_NOT_OTLP, f"it answers with {content_type or 'something unnamed'}")
        return Answer(kinds.ENDPOINT_ANSWERS)
    return Answer(STATUSES.get(response.status_code, kinds.ENDPOINT_REFUSES), status)


def _post(destination: Destination, limit_s: float) -> requests.Response:
    import requests

    with requests.Session() as session:
        session.trust_env = destination.variable != "FIRSTTOKEN_LOCAL_ENDPOINT"
        return session.post(
            destination.url,
            data=b"",
            headers={**_plain_headers(destination), "content-type": CONTENT_TYPE},
            timeout=limit_s,
            allow_redirects=False,
            **_http_security(destination),
        )


def _plain_headers(destination: Destination) -> dict[str, str]:
    """Without those of a compressed body, for ours is empty."""
    return {name: value for name, value in destination.headers.items() if name.lower() != "content-encoding"}


def _http_security(destination: Destination) -> dict[str, Any]:
    files = destination.security
    cert = (files.client_certificate, files.client_key) if files.client_key else files.client_certificate
    return {
        **({"verify": files.certificate} if files.certificate else {}),
        **({"cert": cert} if files.client_certificate else {}),
    }


def _ask_grpc(destination: Destination, limit_s: float) -> Answer:
    answer = _deliver_by_grpc(destination, limit_s)
    if answer.kind in (*SPOKEN, kinds.ENDPOINT_REFUSED, kinds.ENDPOINT_UNKNOWN_HOST, kinds.ENDPOINT_TLS):
        return answer
    return Answer(kinds.ENDPOINT_SPEAKS_HTTP) if _speaks_http(destination, limit_s) else answer


def _deliver_by_grpc(destination: Destination, limit_s: float) -> Answer:
    import grpc

    with _channel(destination) as channel:
        method = cast("Callable[..., Any]", channel.unary_unary(METHODS[destination.signal]))
        metadata = tuple((name.lower(), value) for name, value in _plain_headers(destination).items())
        try:
            method(b"", timeout=limit_s, metadata=metadata)
        except grpc.RpcError as error:
            return _judge_code(error.code().name, str(error.details() or ""))  # pyright: ignore[reportAttributeAccessIssue]
        return Answer(kinds.ENDPOINT_ANSWERS)


def _judge_code(code: str, details: str) -> Answer:
    if (kind := CODES.get(code)) is not None:
        return Answer(kind, f"{code} {details}".strip())
    if code == "UNAVAILABLE":
        return Answer(_sign(details) or kinds.ENDPOINT_NOT_OTLP, _short(details))
    return Answer(kinds.ENDPOINT_REFUSES, _short(f"{code} {details}"))


def _channel(destination: Destination) -> grpc.Channel:
    import grpc

    parts = urlsplit(destination.url)
    target = parts.netloc.rpartition("@")[2] or destination.url
    options = [("grpc.enable_retries", 0)]
    if not destination.is_secure:
        return grpc.insecure_channel(target, options)
    files = destination.security
    credentials = grpc.ssl_channel_credentials(
        _read(files.certificate), _read(files.client_key), _read(files.client_certificate)
    )
    return grpc.secure_channel(target, credentials, options)


def _read(path: str | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()


def _speaks_http(destination: Destination, limit_s: float) -> bool:
    """Whether an HTTP server of any kind is at a gRPC address."""
    import requests

    parts = urlsplit(destination.url)
    scheme = "https" if destination.is_secure else "http"
    url = f"{scheme}://{parts.netloc or destination.url}/v1/{destination.signal}"
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.post(url, data=b"", timeout=limit_s, allow_redirects=False)
    except requests.RequestException:
        return False
    return True


def _sign(error: object) -> Kind | None:
    text = str(error)
    return next((kind for sign, kind in SIGNS if sign.search(text)), None)


def _tls_reason(error: Exception) -> str:
    """What OpenSSL has to say, out of what others have wrapped around it."""
    found = re.search(
        r"(CERTIFICATE_VERIFY_FAILED|WRONG_VERSION_NUMBER|[A-Z_]{8,})\]? ?(?:[\w ]*: )?([^'\"(]*)", str(error)
    )
    return (
        _first_line(error)
        if found is None
        else f"{found[1].lower().replace('_', ' ')}: {found[2].strip()}".rstrip(": ")
    )


def _first_line(error: object) -> str:
    return _short(str(error).strip() or type(error).__name__)


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0].rstrip(".")
    return line if len(line) <= 200 else f"{line[:197]}..."


SPOKEN: Final = (
    kinds.ENDPOINT_ANSWERS,
    kinds.ENDPOINT_UNAUTHORIZED,
    kinds.ENDPOINT_NOT_FOUND,
    kinds.ENDPOINT_BUSY,
    kinds.ENDPOINT_REFUSES,
)
"""Answers that only a gRPC server gives."""

_ASKING: Final[dict[str, Callable[[Destination, float], Answer]]] = {"http/protobuf": _ask_http, "grpc": _ask_grpc}
