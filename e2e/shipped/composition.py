"""docker-compose.yaml as the Compose Specification's own loader understands it, and what its containers would see."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from e2e.programs import built
from e2e.testbed.manifests import MANIFESTS

SERVICE_AND_PORT = re.compile(r"(?<![\w.-])([a-z]+):(\d{4,5})(?!\d)")


def loaded(folder: Path) -> Mapping[str, Any]:
    """Its services by name. Fails where the loader refuses it."""
    command = [str(built(MANIFESTS, "compose")), "--format", "json", "docker-compose.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]


def mounts(service: Mapping[str, Any]) -> dict[str, Path]:
    """What of this machine it sees, by where it sees it."""
    return {each["target"]: Path(each["source"]) for each in service.get("volumes", ()) if each["type"] == "bind"}


def seen(service: Mapping[str, Any], root: Path) -> Path:
    """A folder in which the service's files stand as in its container."""
    for target, source in mounts(service).items():
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(source)
    return root


def inside(root: Path, words: list[str]) -> list[str]:
    """Arguments whose absolute paths lead into that folder."""
    return [re.sub(r"(?<==)/", f"{root}/", word) for word in words]


def addresses(service: Mapping[str, Any]) -> set[tuple[str, int]]:
    """Names and ports that its environment and its own files ask."""
    texts = [str(value) for value in (service.get("environment") or {}).values()]
    texts += [path.read_text() for path in mounts(service).values() if path.parent.name == "compose"]
    return {(name, int(port)) for text in texts for name, port in SERVICE_AND_PORT.findall(text)}


def on_loopback(text: str, ports: Mapping[str, int]) -> str:
    """With this machine's ports for `service:port`."""
    for name, port in ports.items():
        text = text.replace(name, f"127.0.0.1:{port}")
    return text
