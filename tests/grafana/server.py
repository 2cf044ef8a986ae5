"""A server that keeps folders and boards as Grafana's documentation of its HTTP API says, by both interfaces."""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "glsa_of-a-service-account"  # noqa: S105  nobody's
NAMESPACE = "org-2"
Reply = tuple[int, Any]
SOURCES = {
    "-- Grafana --": {"type": "datasource", "uid": "grafana"},
    "Metrics": {"type": "prometheus", "uid": "prom-1"},
    "Other metrics": {"type": "prometheus", "uid": "prom-2"},
    "Traces": {"type": "tempo", "uid": "tempo-1"},
}


@dataclass
class Dashboard:
    model: dict[str, Any]
    folder: str = ""
    version: int = 1
    message: str = ""
    provisioned: bool = False


@dataclass
class FakeGrafana:
    """What it keeps, and how it is."""

    token: str = TOKEN
    is_new: bool = True
    """Whether it has the stable interface below /apis."""
    sources: dict[str, Any] = field(default_factory=lambda: dict(SOURCES))
    boards: dict[str, Dashboard] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    role: str = "Editor"
    asked: list[str] = field(default_factory=list)
    answers: dict[str, Callable[[], Reply]] = field(default_factory=dict)
    """In place of what it would answer to a method and path."""
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def changed_by_somebody(self, uid: str, **members: Any) -> None:
        board = self.boards[uid]
        board.model |= members
        board.version += 1

    def reply(self, method: str, target: str, token: str | None, body: Any) -> Reply:
        parts = urlsplit(target)
        self.asked.append(f"{method} {parts.path}")
        if (given := self.answers.get(f"{method} {parts.path}")) is not None:
            return given()
        if parts.path != "/api/health" and token not in (f"Bearer {self.token}", "Basic YWRtaW46c2VjcmV0IQ=="):
            return 401, {"message": "Invalid API key"}
        if method != "GET" and self.role == "Viewer":
            return 403, {"message": "You'll need additional permissions to perform this action."}
        for (verb, pattern), handle in ROUTES.items():
            found = re.fullmatch(pattern, parts.path)
            if verb == method and found and (self.is_new or not parts.path.startswith("/apis")):
                return handle(self, *found.groups(), parse_qs(parts.query), body)
        return 404, "<html>404 page not found</html>"

    def settings(self, query, body) -> Reply:
        return 200, {"buildInfo": {"version": "13.3.0"}, "namespace": NAMESPACE, "datasources": self.sources}

    def list_folders(self, query, body) -> Reply:
        first = (int(query["page"][0]) - 1) * int(query["limit"][0])
        found = [{"id": 1, "uid": uid, "title": title} for uid, title in self.folders.items()]
        return 200, found[first : first + int(query["limit"][0])]

    def make_folder(self, query, body) -> Reply:
        if body["uid"] in self.folders or body["title"] in self.folders.values():
            return 412, {"message": "a folder with that name already exists", "status": "name-exists"}
        self.folders[body["uid"]] = body["title"]
        return 200, {"uid": body["uid"], "title": body["title"], "version": 1}

    def get_board(self, uid, query, body) -> Reply:
        board = self.boards.get(uid)
        if board is None:
            return 404, {"message": "Dashboard not found"}
        meta = {"folderUid": board.folder, "provisioned": board.provisioned}
        return 200, {"dashboard": {**board.model, "id": 7, "version": board.version}, "meta": meta}

    def save_board(self, query, body) -> Reply:
        model = {name: value for name, value in body["dashboard"].items() if name not in ("id", "version")}
        before = self.boards.get(model["uid"])
        if before is not None and before.provisioned:
            return 400, {"message": "Cannot save provisioned dashboard"}
        if before is not None and not body["overwrite"] and body["dashboard"].get("version") != before.version:
            message = "The dashboard has been changed by someone else"
            return 412, {"message": message, "status": "version-mismatch"}
        version = before.version + 1 if before else 1
        # Whoever names no folder moves the board to the top.
        self.boards[model["uid"]] = Dashboard(model, body.get("folderUid", ""), version, body["message"])
        return 200, {"uid": model["uid"], "status": "success", "version": version}

    def list_resources(self, kind, query, body) -> Reply:
        if kind == "dashboards":
            return 200, {"kind": "DashboardList", "metadata": {}, "items": []}
        limit, first = int(query["limit"][0]), int(query.get("continue", ["0"])[0])
        items = [
            {"metadata": {"name": uid, "resourceVersion": "1"}, "spec": {"title": title}}
            for uid, title in self.folders.items()
        ]
        more = {"continue": str(first + limit)} if len(items) > first + limit else {}
        return 200, {"kind": "FolderList", "metadata": more, "items": items[first : first + limit]}

    def make_folder_resource(self, query, body) -> Reply:
        name = body["metadata"]["name"]
        if name in self.folders:
            return 409, {"kind": "Status", "message": f"folders {name} already exists", "code": 409}
        self.folders[name] = body["spec"]["title"]
        return 201, body

    def get_resource(self, uid, query, body) -> Reply:
        board = self.boards.get(uid)
        if board is None:
            return 404, {"kind": "Status", "message": f"dashboards {uid} not found", "code": 404}
        annotations = {"grafana.app/folder": board.folder} if board.folder else {}
        if board.provisioned:
            annotations["grafana.app/managedBy"] = "classic-file-provisioning"
        about = {"name": uid, "resourceVersion": str(board.version), "annotations": annotations}
        spec = {name: value for name, value in board.model.items() if name != "uid"}
        return 200, {"kind": "Dashboard", "metadata": about, "spec": {**spec, "preload": False}}

    def create_resource(self, query, body) -> Reply:
        name = body["metadata"]["name"]
        if name in self.boards:
            return 409, {"kind": "Status", "message": f"dashboards {name} already exists", "code": 409}
        return self._kept(query, body, 1, 201)

    def update_resource(self, uid, query, body) -> Reply:
        version = body["metadata"].get("resourceVersion")
        if version not in (None, str(self.boards[uid].version)):
            return 409, {"kind": "Status", "message": "the object has been modified", "code": 409}
        return self._kept(query, body, self.boards[uid].version + 1, 200)

    def _kept(self, query, body, version: int, status: int) -> Reply:
        if query.get("fieldValidation", ["Strict"]) == ["Strict"]:
            return 422, {"kind": "Status", "message": "spec.panels: field not allowed", "code": 422}
        said = body["metadata"]["annotations"]
        model = {**body["spec"], "uid": body["metadata"]["name"]}
        self.boards[model["uid"]] = Dashboard(
            model, said.get("grafana.app/folder", ""), version, said["grafana.app/message"]
        )
        return status, body


RESOURCES = rf"/apis/dashboard\.grafana\.app/v1/namespaces/{NAMESPACE}/dashboards"
FOLDERS = rf"/apis/folder\.grafana\.app/v1/namespaces/{NAMESPACE}/folders"
ROUTES: dict[tuple[str, str], Callable[..., Reply]] = {
    ("GET", "/api/frontend/settings"): FakeGrafana.settings,
    ("GET", "/api/folders"): FakeGrafana.list_folders,
    ("POST", "/api/folders"): FakeGrafana.make_folder,
    ("GET", "/api/dashboards/uid/([^/]+)"): FakeGrafana.get_board,
    ("POST", "/api/dashboards/db"): FakeGrafana.save_board,
    ("GET", rf"/apis/[a-z]+\.grafana\.app/v1/namespaces/{NAMESPACE}/(dashboards|folders)"): FakeGrafana.list_resources,
    ("POST", FOLDERS): FakeGrafana.make_folder_resource,
    ("GET", f"{RESOURCES}/([^/]+)"): FakeGrafana.get_resource,
    ("POST", RESOURCES): FakeGrafana.create_resource,
    ("PUT", f"{RESOURCES}/([^/]+)"): FakeGrafana.update_resource,
}


@contextmanager
def running(grafana: FakeGrafana, certificate: Path | None = None) -> Iterator[FakeGrafana]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            with grafana.lock:
                status, said = grafana.reply(self.command, self.path, self.headers.get("Authorization"), body)
            text = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", str(said))
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *args) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    grafana.address = f"{scheme}://127.0.0.1:{server.server_port}"
    try:
        yield grafana
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
