"""Programs from a newer Debian than the machine's, unpacked into a folder: nothing on the machine changes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component, NotToBeHad
from e2e.testbed.commands import run

SUITE: Final = "forky"
PACKAGES: Final = ("prometheus", "promtool", "prometheus-alertmanager", "victoria-metrics")
SOURCES: Final = Path("/etc/apt/sources.list.d/debian.sources")
KEYS: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def _build(folder: Path) -> None:
    if not SOURCES.exists():
        raise NotToBeHad(f"{SOURCES} is not there: Prometheus {SUITE} comes from Debian, and this is none")
    state = folder / "apt"
    for part in ("lists/partial", "archives/partial"):
        (state / part).mkdir(parents=True)
    archive = next(
        line.split()[1] for line in SOURCES.read_text(encoding="utf-8").splitlines() if line.startswith("URIs:")
    )
    (state / "sources.list").write_text(f"deb [signed-by={KEYS}] {archive} {SUITE} main\n", encoding="utf-8")
    (state / "apt.conf").write_text(_settings(state), encoding="utf-8")
    run(["apt-get", "-qq", "update"], state, APT_CONFIG=str(state / "apt.conf"))
    run(["apt-get", "-qq", "download", *PACKAGES], state, APT_CONFIG=str(state / "apt.conf"))
    for package in state.glob("*.deb"):
        run(["dpkg-deb", "-x", package, folder], state)
    run(["rm", "-rf", state], folder)


def _settings(state: Path) -> str:
    settings = {
        "Dir::State": state,
        "Dir::State::lists": state / "lists",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": state,
        "Dir::Etc::sourcelist": state / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    return "".join(f'{name} "{value}";\n' for name, value in settings.items())


DEBIAN: Final = Component("debian", (SUITE, *PACKAGES), _build)
"""`usr/bin` has `prometheus`, `promtool`, `prometheus-alertmanager`, `amtool`, `victoria-metrics` and `vmagent`."""
