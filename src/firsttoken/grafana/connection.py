"""Requests to one Grafana, and what is told of its refusals."""

from __future__ import annotations

import base64
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPMessage
from typing import IO, Any, Final, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict, override

from firsttoken.errors import GrafanaError
from firsttoken.hosts import is_loopback

T = TypeVar("T")


class Refusal(TypedDict, total=False):
    """Every refusal, by both interfaces."""

    message: str


REFUSAL: Final = TypeAdapter(Refusal)
ANYTHING: Final[TypeAdapter[dict[str, Any]]] = TypeAdapter(dict[str, Any])
LIMIT_S: Final = 30.0
MOST_BYTES: Final = 64 * 2**20
ADVICE: Final = "make one for a service account with the role Editor, and give it in GRAFANA_TOKEN"


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    text: bytes

    @property
    def is_fine(self) -> bool:
        return 200 <= self.status < 300

    @property
    def message(self) -> str | None:
        """Grafana's own words. None where it is nothing that Grafana says."""
        try:
            return REFUSAL.validate_json(self.text).get("message", "")[:300]
        except ValidationError:
            return None


class Connection:
    """To the Grafana at an address, in the name of a token, or of the user that stands in the address."""

    def __init__(self, address: str, token: str | None) -> None:
        """Raises GrafanaError for what is no address."""
        parts = _split(address)
        self.address: Final = _without_user(parts)
        """Nothing secret is in it."""
        self._has_name = bool(token or parts.username)
        self._headers = {"Accept": "application/json", **_authorization(parts, token)}
        self._opener = _opener(parts)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        """Whatever the status, but for 401 and where something else than Grafana answers. Raises GrafanaError."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data=data, method=method)  # noqa: S310  http and https alone
        for name, value in self._headers.items():
            request.add_unredirected_header(name, value)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            status, headers, text = self._sent(request)
        except (OSError, HTTPException, ValueError) as error:
            raise self._unreachable(error) from error
        if 300 <= status < 400:
            place = (headers.get("Location") or "elsewhere")[:200]
            raise GrafanaError(f"{self.address} leads to {place}: give the address of the Grafana itself")
        if status == 401:
            problem = "does not accept the token or password" if self._has_name else "wants a token"
            raise GrafanaError(f"the Grafana at {self.address} {problem}: {ADVICE}")
        return Reply(status, text)

    def get(self, path: str, doing: str, adapter: TypeAdapter[T]) -> T:
        """What it answers. Raises GrafanaError; `doing` says what was asked, as in "to list folders"."""
        return self.understood(self.ask("GET", path), doing, adapter)

    def find(self, path: str, doing: str, adapter: TypeAdapter[T]) -> T | None:
        """None where Grafana says that there is none. Raises GrafanaError."""
        reply = self.ask("GET", path)
        is_missing = reply.status == 404 and reply.message is not None
        return None if is_missing else self.understood(reply, doing, adapter)

    def send(self, method: str, path: str, doing: str, body: Mapping[str, Any]) -> None:
        """Raises GrafanaError where it was not done."""
        self.understood(self.ask(method, path, body), doing, ANYTHING)

    def understood(self, reply: Reply, doing: str, adapter: TypeAdapter[T]) -> T:
        """Raises GrafanaError for a refusal, and for what no Grafana answers."""
        if not reply.is_fine:
            raise self._refused(reply, doing)
        try:
            return adapter.validate_json(reply.text)
        except ValidationError:
            raise self._no_grafana(reply) from None

    def _refused(self, reply: Reply, doing: str) -> GrafanaError:
        if reply.message is None:
            return self._no_grafana(reply)
        said = f" ({reply.message})" if reply.message else ""
        match reply.status:
            case 403:
                problem = f"does not let us {doing.removeprefix('to ')}{said}: {ADVICE}"
            case 409 | 412:
                problem = f"refused {doing}{said}: somebody changed it meanwhile, or its name is taken; run this again"
            case _:
                problem = f"refused {doing} with status {reply.status}{said}"
        return GrafanaError(f"the Grafana at {self.address} {problem}")

    def _no_grafana(self, reply: Reply) -> GrafanaError:
        return GrafanaError(
            f"what answers at {self.address} is no Grafana (status {reply.status}): "
            "is a path missing, as in https://example.com/grafana?"
        )

    def _sent(self, request: Request) -> tuple[int, Message, bytes]:
        try:
            with self._opener.open(request, timeout=LIMIT_S) as response:
                return response.status, response.headers, response.read(MOST_BYTES)
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers, refusal.read(MOST_BYTES)

    def _unreachable(self, error: Exception) -> GrafanaError:
        reason = error.reason if isinstance(error, URLError) else error
        match reason:
            case ssl.SSLCertVerificationError():
                why = f"its certificate is not trusted ({reason.verify_message}): name its authority in SSL_CERT_FILE"
            case ssl.SSLError():
                why = f"TLS failed ({reason.reason}): is it https?"
            case socket.gaierror():
                why = "no name server knows the host: look at the address"
            case TimeoutError():
                why = f"no answer within {LIMIT_S:.0f} s: look at the address, and at proxies and firewalls"
            case ConnectionRefusedError():
                why = "nothing listens there: is it running?"
            case _:
                why = str(reason) or type(reason).__name__
        return GrafanaError(f"no Grafana answers at {self.address}: {why}")


class _NoRedirects(HTTPRedirectHandler):
    """A token is for the address that was given, and for no other."""

    @override
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address.strip().rstrip("/"))
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address, parts = False, urlsplit("")
    if (
        not is_address
        or parts.query
        or parts.fragment
        or not address.isascii()
        or any(map(str.isspace, address.strip()))
    ):
        raise GrafanaError("--grafana takes the address of a Grafana, such as http://localhost:3000")
    return parts


def _without_user(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _authorization(parts: SplitResult, token: str | None) -> dict[str, str]:
    if token:
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise GrafanaError("the token has characters that no token of Grafana's has: copy it again")
        return {"Authorization": f"Bearer {token}"}
    if parts.username is None:
        return {}
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}


def _opener(parts: SplitResult) -> OpenerDirector:
    """Asks through the proxies that the environment names, except for this machine."""
    proxies = ProxyHandler({}) if is_loopback(parts.hostname or "") else ProxyHandler()
    return build_opener(_NoRedirects(), proxies, HTTPSHandler(context=ssl.create_default_context()))
