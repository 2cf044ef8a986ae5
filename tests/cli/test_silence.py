import json
from pathlib import Path

import pytest

from firsttoken.cli.silence import Python, read_pythons, why_no_calls


def python(tmp_path: Path, *, observed: bool = True, **versions: str) -> Python:
    """An interpreter in which these SDKs are installed."""
    for distribution, version in versions.items():
        folder = tmp_path / f"{distribution}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    return Python("/venv/bin/python", observed, (str(tmp_path),))


def test_without_any_python_there_was_nothing_to_observe() -> None:
    assert why_no_calls([], {}) == "no Python that can be observed was started (one run with -I, -E or -S cannot)"


def test_a_python_without_firsttoken_is_named_with_the_remedy(tmp_path: Path) -> None:
    assert why_no_calls([python(tmp_path, observed=False, openai="2.0")], {}) == (
        "/venv/bin/python ran without firsttoken: install it there with /venv/bin/python -m pip install firsttoken"
    )


def test_a_python_without_any_sdk_is_named(tmp_path: Path) -> None:
    assert why_no_calls([python(tmp_path)], {}) == "neither openai nor anthropic is installed for /venv/bin/python"


def test_an_sdk_that_is_too_old_is_named_with_the_remedy(tmp_path: Path) -> None:
    assert why_no_calls([python(tmp_path, openai="1.9.0", anthropic="2.12.0")], {}) == (
        "openai 1.9.0 is too old to be observed: upgrade with pip install 'openai>=1.60'"
    )


def test_a_program_that_could_have_called_did_not(tmp_path: Path) -> None:
    assert why_no_calls([python(tmp_path, openai="1.60.0", anthropic="0.49.0")], {}) == (
        "the program made no call through openai 1.60.0 or anthropic 0.49.0, or could not deliver it"
    )


def test_one_observed_python_explains_more_than_those_that_are_not(tmp_path: Path) -> None:
    observed = python(tmp_path, anthropic="2.12.0")
    other = Python("/usr/bin/python3", observed=False, path=())
    assert (
        why_no_calls([other, observed, other], {})
        == "the program made no call through anthropic 2.12.0, or could not deliver it"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_SDK_DISABLED", "TRUE"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "flask, firsttoken-openai"),
    ],
)
def test_a_switch_that_the_user_set_explains_most(tmp_path: Path, name: str, value: str) -> None:
    reason = why_no_calls([python(tmp_path, openai="2.0")], {name: value})
    assert reason == f"{name}={value} keeps them back: unset it"


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\xff\xfe\n", b"{}\n", b"[]\n", b'{"executable": 1}\n', b"{" * 10_000 + b"\n", b'{"executable": "'],
)
def test_lines_that_are_not_ours_are_left_out(tmp_path: Path, garbage: bytes) -> None:
    file = tmp_path / "pythons"
    line = json.dumps({"executable": "/p", "observed": True, "path": ["/lib"]}).encode() + b"\n"
    file.write_bytes(line * 2 + garbage)
    assert read_pythons(file) == (Python("/p", observed=True, path=("/lib",)),)


def test_a_list_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    assert read_pythons(tmp_path / "missing") == ()
