"""What a wheel and a source archive carry, and what is found where only they are."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from firsttoken.provided import below

ROOT = Path(__file__).resolve().parents[2]
TOLD = """
from firsttoken.provided import below, boards, configurations, text_of
from firsttoken.provided.files import INSTALLED
import firsttoken
assert firsttoken.__file__.startswith({folder!r}), firsttoken.__file__
names = [*below("dashboards"), *below("collector-config")]
assert all(text_of(name) for name in names) and boards() and configurations()
print(*names, sep="\\n")
"""


def build(kind: str, folder: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def built(folder: Path) -> Path:
    """The wheel's contents, as an installer puts them down."""
    build("wheel", folder)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")  # noqa: S202  a wheel of our own
    return folder / "site"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("wheel"))


def test_a_wheel_has_every_file_that_a_clone_has(site: Path) -> None:
    code = TOLD.format(folder=str(site))
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(site)}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert [PurePosixPath(line) for line in done.stdout.splitlines()] == [
        *below("dashboards"),
        *below("collector-config"),
    ]


def test_a_wheel_has_nothing_that_makes_them(site: Path) -> None:
    carried = site / "firsttoken" / "provided" / "files"

    assert {path.name for path in carried.iterdir()} == {"dashboards", "collector-config"}
    generators = ("boards", "rules", "generate.py", "jaeger_ui.py")
    assert not any((carried / "dashboards" / name).exists() for name in generators)


def test_a_source_archive_has_pages_and_what_makes_the_files_and_no_pictures(tmp_path: Path) -> None:
    build("sdist", tmp_path)
    [archive] = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        names = {PurePosixPath(name).relative_to(PurePosixPath(name).parts[0]) for name in files.getnames()}

    assert {PurePosixPath("docs/grafana.md"), PurePosixPath("dashboards/generate.py")} <= names
    assert [name for name in names if name.suffix == ".png"] == []
