"""What a recording keeps of what is said in its call, where content is captured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from firsttoken.call.content import Content, Message
from firsttoken.guard import guarded, note_trouble
from firsttoken.plain import plain, snapshot
from firsttoken.providers.content import ContentReader, Transcript
from firsttoken.providers.wire import Reading, Tally


class Captured:
    """The request as it was sent, and the answer as it comes."""

    __slots__ = ("_asked", "_reader", "_transcript")

    def __init__(self, reader: ContentReader, body: Mapping[str, object], extra: Mapping[str, object]) -> None:
        """`extra` is what the caller adds to the body by `extra_body`: it is not recorded, nor what it replaces."""
        self._reader = reader
        self._asked = {name: snapshot(body[name]) for name in reader.fields if name in body and name not in extra}
        self._transcript: Transcript | None = None

    def taking_in(self, tally: Tally) -> Tally:
        """The tally of a stream, which from now on takes in the content as well."""
        self._transcript = self._reader.transcript()
        return _TallyAndTranscript(tally, self._transcript.note)

    def content(self, answer: object) -> Content:
        """What was said. `answer` is a whole one, as the SDK's object or its decoded JSON."""
        asked = self._request() or Content()
        return replace(asked, output=self._answer(answer) or ())

    @guarded("read what was asked")
    def _request(self) -> Content:
        return self._reader.read_request(plain(self._asked))

    @guarded("read what was answered")
    def _answer(self, answer: object) -> tuple[Message, ...]:
        return self._reader.read_answer(plain(answer) if self._transcript is None else self._transcript.answer())


class _TallyAndTranscript:
    """A tally that hands each chunk on. A transcript that fails costs the call nothing but what it missed."""

    __slots__ = ("_note", "_take", "_tally")

    def __init__(self, tally: Tally, take: Callable[[Any], None]) -> None:
        self._tally = tally
        self._note = tally.note
        self._take = take

    def note(self, chunk: Any) -> bool:
        try:
            self._take(chunk)
        except Exception:  # noqa: BLE001  the guard, unrolled: this runs for every chunk
            note_trouble("take in what was said")
        return self._note(chunk)

    def reading(self) -> Reading:
        return self._tally.reading()
