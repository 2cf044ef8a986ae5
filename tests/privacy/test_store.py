"""What was cut is kept whole, once, redacted, by its digest; what cannot be kept is counted and hurts nobody."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from observe import asking
from observe.asking import resource, using
from observe.program import PROGRAMS
from observing import observing

from firsttoken import Settings
from firsttoken.errors import FirstTokenError, SettingsError
from firsttoken.losses import losses
from firsttoken.privacy import shelves, store
from firsttoken.privacy.shelves import Directory, Remote, below, shelf_at
from firsttoken.privacy.store import ContentStore, read_back
from firsttoken.semconv.read_messages import read_content
from firsttoken.testing import CapturedTelemetry, ProviderServer

TEXT = "What was said, with ümlauts 😀 and more. " * 100
SHA = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture(params=["directory", "file url", "fsspec"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return {
        "directory": str(tmp_path / "content"),
        "file url": (tmp_path / "with space").as_uri(),
        "fsspec": f"memory://{uuid4()}/content",
    }[request.param]


def at_once(action: Callable[[], object]) -> bool:
    action()
    return True


def test_what_is_kept_is_read_back_by_its_digest(place: str) -> None:
    assert ContentStore(shelf_at(place), at_once).keep(TEXT, SHA) == f"{SHA[:2]}/{SHA[2:4]}/{SHA}"
    assert read_back(place, SHA) == TEXT


def test_it_is_written_once_whoever_writes_it(place: str, tmp_path: Path) -> None:
    for _ in range(2):
        for _ in range(2):
            kept = ContentStore(shelf_at(place), at_once)
            kept.keep(TEXT, SHA)
        kept.keep(TEXT, SHA)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == (0 if place.startswith("memory") else 1)
    assert read_back(place, SHA) == TEXT


def test_many_who_write_the_same_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    writers = [Thread(target=Directory(tmp_path).put, args=(SHA, TEXT)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / below(SHA)]
    assert read_back(str(tmp_path), SHA) == TEXT


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")
def test_files_and_directories_are_their_owners_alone(tmp_path: Path) -> None:
    Directory(tmp_path / "content").put(SHA, TEXT)
    made = list((tmp_path / "content").rglob("*"))
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in made} == {0}


@pytest.mark.parametrize("digest", ["", "abc", SHA.upper(), "../" * 21 + "x", SHA + "0"])
def test_what_is_no_digest_is_refused(digest: str, tmp_path: Path) -> None:
    with pytest.raises(FirstTokenError, match="is no digest"):
        read_back(str(tmp_path), digest)


def test_a_digest_that_nobody_wrote_says_so(place: str) -> None:
    with pytest.raises(FirstTokenError, match=f"has nothing under {SHA}"):
        read_back(place, SHA)


def test_a_damaged_file_is_not_given_out(tmp_path: Path) -> None:
    Directory(tmp_path).put(SHA, TEXT)
    (tmp_path / below(SHA)).write_text("something else")
    with pytest.raises(FirstTokenError, match="it is damaged"):
        read_back(str(tmp_path), SHA)


def test_an_unknown_protocol_is_told(tmp_path: Path) -> None:
    with pytest.raises(FirstTokenError, match="cannot be read"):
        read_back("nowhere-such://a/b", SHA)


def test_without_fsspec_a_url_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'firsttoken\[content-store\]'"):
        shelf_at("s3://bucket/content")


@pytest.mark.parametrize("place", ["~nobody-of-this-name/content", "file://"])
def test_a_place_that_is_nowhere_is_one_warning_and_calls_are_observed(
    place: str, caplog: pytest.LogCaptureFixture
) -> None:
    program = PROGRAMS["sync"]
    with (
        CapturedTelemetry() as telemetry,
        ProviderServer() as server,
        observing(telemetry, Settings(content_store=place)),
    ):
        using(program, "openai", server, lambda client: asking.whole(program, client))
    assert len(telemetry.spans) == 1
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "firsttoken"]
    assert warning.startswith("firsttoken ignores FIRSTTOKEN_CONTENT_STORE: ")
    assert place in warning


def test_a_path_is_as_good_as_its_text(tmp_path: Path) -> None:
    ContentStore(shelf_at(tmp_path), at_once).keep(TEXT, SHA)
    assert read_back(str(tmp_path), SHA) == TEXT


@pytest.fixture
def lost() -> Callable[[], dict[str, int]]:
    """What of contents was lost since the test began, by reason."""
    before = dict(losses)
    return lambda: {
        loss.reason: number - before.get(loss, 0)
        for loss, number in losses.items()
        if loss.what == "contents" and number != before.get(loss, 0)
    }


@pytest.mark.parametrize("place", ["/proc/no/such/place", "nowhere-such://a/b"])
def test_a_place_that_cannot_be_written_is_counted_and_raises_nothing(place: str, lost: Any) -> None:
    ContentStore(shelf_at(place), at_once).keep(TEXT, SHA)
    assert lost() == {"export_failed": 1}


def test_what_finds_no_room_in_the_queue_is_counted_and_not_said_to_be_kept(
    lost: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "WAITING_CHARACTERS", 100)
    waiting: list[Callable[[], object]] = []
    kept = ContentStore(Directory(tmp_path), lambda action: waiting.append(action) is None)
    assert kept.keep("a" * 1000, "a" * 64) is not None
    assert kept.keep("b", "b" * 64) is None
    assert lost() == {"queue_full": 1}
    waiting.pop()()
    assert kept.keep("b", "b" * 64) is not None


def test_a_queue_that_takes_nothing_leaves_room_for_later(lost: Any, tmp_path: Path) -> None:
    takes = [False, True]
    kept = ContentStore(Directory(tmp_path), lambda action: takes.pop(0))
    assert kept.keep(TEXT, SHA) is None
    assert kept.keep(TEXT, SHA) is not None
    assert lost() == {"queue_full": 1}


def test_a_remote_place_is_not_asked_before_something_is_kept() -> None:
    Remote("nowhere-such://a/b")


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_the_digest_beside_a_cut_text_leads_to_all_of_it_without_its_keys(sdk: str, place: str) -> None:
    key = "sk-abcdefghij0123456789ABCD"
    said = f"{TEXT} {key} {TEXT}"
    settings = Settings(
        capture_content="SPAN_AND_EVENT", trace_content="full", content_limit_bytes=2000, content_store=place
    )

    async def work(client: Any) -> None:
        more = {"max_tokens": 9} if sdk == "anthropic" else {}
        resource(client).create(model="m", messages=[{"role": "user", "content": said}], **more)

    with CapturedTelemetry() as telemetry, ProviderServer() as server, observing(telemetry, settings):
        using(PROGRAMS["sync"], sdk, server, work)
    ((span,), (trace,)) = telemetry.spans, telemetry.provider_traces
    content = read_content(span["attributes"])
    assert content is not None
    ((asked,), (truncation,)) = content.input or (), trace.truncations
    (part,) = asked.parts
    whole = said.replace(key, "[api_key removed]")
    assert part.original_sha256 == truncation.sha256 == hashlib.sha256(whole.encode()).hexdigest()  # type: ignore[union-attr]
    assert (truncation.path, truncation.original_bytes) == ("/request_body/messages/0/content", len(whole.encode()))
    assert truncation.stored == below(truncation.sha256)
    assert read_back(place, truncation.sha256) == whole
