"""The interface below `/apis`, in its stable version: of Grafana 13 and newer."""

from __future__ import annotations

from typing import Any, Final, NotRequired
from urllib.parse import quote, urlencode

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from firsttoken.grafana.connection import Connection
from firsttoken.grafana.shelf import Folder, Kept

BOARDS: Final = "dashboard.grafana.app/v1"
FOLDERS: Final = "folder.grafana.app/v1"
IN_FOLDER: Final = "grafana.app/folder"
MANAGED: Final = "grafana.app/managedBy"
MESSAGE: Final = "grafana.app/message"
LENIENT: Final = "?fieldValidation=Warn"
"""A member that some release of Grafana does not know is no reason to refuse a board, and was none before."""
PAGE: Final = 500


class _About(TypedDict):
    name: str
    resourceVersion: str
    annotations: NotRequired[dict[str, str]]


class _Board(TypedDict):
    metadata: _About
    spec: dict[str, Any]


class _Titled(TypedDict):
    title: str


class _Folder(TypedDict):
    metadata: _About
    spec: _Titled


_Place = TypedDict("_Place", {"continue": NotRequired[str]})


class _Folders(TypedDict):
    metadata: _Place
    items: list[_Folder]


BOARD_READ: Final = TypeAdapter(_Board)
FOLDERS_READ: Final = TypeAdapter(_Folders)


class NewerShelf:
    """Folders and boards as resources of an organisation's namespace."""

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self._boards = f"/apis/{BOARDS}/namespaces/{quote(namespace, safe='')}/dashboards"
        self._folders = f"/apis/{FOLDERS}/namespaces/{quote(namespace, safe='')}/folders"

    def is_there(self) -> bool:
        """Whether this Grafana has both, and lets us read them."""
        return all(self._connection.ask("GET", f"{path}?limit=1").is_fine for path in (self._boards, self._folders))

    def folders(self) -> list[Folder]:
        found: list[Folder] = []
        asked = {"limit": str(PAGE)}
        while True:
            listed = self._connection.get(f"{self._folders}?{urlencode(asked)}", "to list folders", FOLDERS_READ)
            found += [
                Folder(each["metadata"]["name"], each["spec"]["title"])
                for each in listed["items"]
                if not each["metadata"].get("annotations", {}).get(IN_FOLDER)
            ]
            more = listed["metadata"].get("continue")
            if not more:
                return found
            asked["continue"] = more

    def make_folder(self, folder: Folder) -> None:
        body = {
            "apiVersion": FOLDERS,
            "kind": "Folder",
            "metadata": {"name": folder.uid},
            "spec": {"title": folder.title},
        }
        self._connection.send("POST", self._folders, f"to make the folder {folder.title!r}", body)

    def find(self, uid: str) -> Kept | None:
        found = self._connection.find(self._path(uid), "to read a board", BOARD_READ)
        if found is None:
            return None
        about = found["metadata"]
        said = about.get("annotations", {})
        return Kept(found["spec"], said.get(IN_FOLDER, ""), about["resourceVersion"], MANAGED in said)

    def keep(self, model: dict[str, Any], folder_uid: str, before: Kept | None, message: str) -> None:
        uid = model["uid"]
        annotations = {MESSAGE: message} | ({IN_FOLDER: folder_uid} if folder_uid else {})
        version = {} if before is None else {"resourceVersion": before.version}
        body = {
            "apiVersion": BOARDS,
            "kind": "Dashboard",
            "metadata": {"name": uid, "annotations": annotations, **version},
            "spec": {name: value for name, value in model.items() if name != "uid"},
        }
        method, path = ("POST", self._boards) if before is None else ("PUT", self._path(uid))
        self._connection.send(method, path + LENIENT, f"to save the board {model['title']!r}", body)

    def _path(self, uid: str) -> str:
        return f"{self._boards}/{quote(uid, safe='')}"
