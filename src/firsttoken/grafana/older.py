"""The interface below `/api`: of every Grafana until now, and deprecated since 13."""

from __future__ import annotations

from typing import Any, Final, NotRequired
from urllib.parse import quote

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from firsttoken.grafana.connection import Connection
from firsttoken.grafana.shelf import Folder, Kept

PAGE: Final = 1000


class _Folder(TypedDict):
    uid: str
    title: str


class _Meta(TypedDict):
    folderUid: NotRequired[str]
    provisioned: NotRequired[bool]


class _Board(TypedDict):
    dashboard: dict[str, Any]
    meta: _Meta


FOLDERS: Final = TypeAdapter(list[_Folder])
BOARD: Final = TypeAdapter(_Board)


class OlderShelf:
    """Folders and boards by `/api/folders` and `/api/dashboards`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def folders(self) -> list[Folder]:
        found: list[Folder] = []
        page = 1
        while True:
            listed = self._connection.get(f"/api/folders?limit={PAGE}&page={page}", "to list folders", FOLDERS)
            found += [Folder(each["uid"], each["title"]) for each in listed]
            if len(listed) < PAGE:
                return found
            page += 1

    def make_folder(self, folder: Folder) -> None:
        body = {"uid": folder.uid, "title": folder.title}
        self._connection.send("POST", "/api/folders", f"to make the folder {folder.title!r}", body)

    def find(self, uid: str) -> Kept | None:
        found = self._connection.find(f"/api/dashboards/uid/{quote(uid, safe='')}", "to read a board", BOARD)
        if found is None:
            return None
        model, meta = found["dashboard"], found["meta"]
        return Kept(model, meta.get("folderUid", ""), model.get("version"), meta.get("provisioned", False))

    def keep(self, model: dict[str, Any], folder_uid: str, before: Kept | None, message: str) -> None:
        version = {} if before is None else {"version": before.version}
        body = {
            "dashboard": {**model, "id": None, **version},
            "folderUid": folder_uid,
            "message": message,
            "overwrite": False,  # the version says what is replaced, so that nobody's change meanwhile is lost
        }
        self._connection.send("POST", "/api/dashboards/db", f"to save the board {model['title']!r}", body)
