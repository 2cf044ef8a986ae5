"""What a recording keeps of what is said in its call, where content is captured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from firsttoken.call.content import Content, Message
from firsttoken.call.packed_timeline import MOST_CHUNKS
from firsttoken.guard import guarded, note_trouble
from firsttoken.plain import TooDeepError, plain, snapshot
from firsttoken.privacy.encoding import encoded
from firsttoken.privacy.policy import Levels
from firsttoken.providers.content import ContentReader, Transcript
from firsttoken.providers.wire import Reading, Tally


class Captured:
    """The request as it was sent, and the answer as it comes."""

    __slots__ = ("_asked", "_reader", "_transcript", "lengths", "levels")

    def __init__(
        self, levels: Levels, reader: ContentReader | None, body: Mapping[str, object], extra: Mapping[str, object]
    ) -> None:
        """`reader` is None for a wire whose messages cannot be read. `extra` is what the caller adds to the body by
        `extra_body`: it is not recorded, nor what it replaces."""
        self.levels = levels
        self._reader = reader if levels.wants_messages or levels.wants_bodies else None
        names = body if levels.wants_bodies else _fields(reader)
        self._asked = {name: _copied(body[name]) for name in names if name in body and name not in extra}
        self._transcript: Transcript | None = None
        self.lengths: list[int] | None = [] if self._reader is not None and levels.trace == "full" else None
        """Characters in each chunk of a stream, where all that was said goes to where they go: alone they would give
        some of it away."""

    def taking_in(self, tally: Tally) -> Tally:
        """The tally of a stream, which from now on takes in the content as well."""
        if self._reader is None:
            return tally
        self._transcript = self._reader.transcript()
        take = self._transcript.note
        if self.lengths is not None:
            take = _measuring(take, self._reader.length_of, self.lengths)
        return _TallyAndTranscript(tally, take)

    def content(self, answer: object) -> Content | None:
        """What was said; None where it is not wanted in the words of the conventions. `answer` is a whole one, as the
        SDK's object or its decoded JSON."""
        if self._reader is None or not self.levels.wants_messages:
            return None
        asked = self._request(self._reader) or Content()
        return replace(asked, output=self._messages(self._reader, answer) or ())

    def bodies(self, answer: object) -> tuple[object, object]:
        """The request as it was sent, and the answer, in the words of the wire. None is unknown, or not wanted."""
        if not self.levels.wants_bodies:
            return None, None
        return self._asked or None, self._answer(answer)

    @guarded("read what was asked")
    def _request(self, reader: ContentReader) -> Content:
        return reader.read_request(plain({name: self._asked[name] for name in reader.fields if name in self._asked}))

    @guarded("read what was answered")
    def _messages(self, reader: ContentReader, answer: object) -> tuple[Message, ...]:
        return reader.read_answer(plain(answer) if self._transcript is None else self._transcript.answer())

    @guarded("put together what was answered")
    def _answer(self, answer: object) -> object:
        return answer if self._transcript is None else self._transcript.answer()


def _copied(value: object) -> object:
    """As it is now. What has no end is told at once as far as it will be: only that way it has one."""
    try:
        return snapshot(value)
    except TooDeepError:
        return encoded(value)


def _fields(reader: ContentReader | None) -> tuple[str, ...]:
    return () if reader is None else reader.fields


def _measuring(
    take: Callable[[Any], None], length_of: Callable[[Any], int], lengths: list[int]
) -> Callable[[Any], None]:
    """Takes each chunk, and first how long it is; what cannot be measured says nothing."""

    def measured(chunk: Any) -> None:
        if len(lengths) < MOST_CHUNKS:
            try:
                lengths.append(length_of(chunk))
            except Exception:  # noqa: BLE001  the guard, unrolled: this runs for every chunk
                lengths.append(0)
                note_trouble("measure a chunk")
        take(chunk)

    return measured


class _TallyAndTranscript:
    """A tally that hands each chunk on. A transcript that fails costs the call nothing but what it missed."""

    __slots__ = ("_note", "_take", "_tally")

    def __init__(self, tally: Tally, take: Callable[[Any], None]) -> None:
        self._tally = tally
        self._note = tally.note
        self._take = take

    @property
    def carries(self) -> int:
        return self._tally.carries

    def note(self, chunk: Any) -> bool:
        try:
            self._take(chunk)
        except Exception:  # noqa: BLE001  the guard, unrolled: this runs for every chunk
            note_trouble("take in what was said")
        return self._note(chunk)

    def reading(self) -> Reading:
        return self._tally.reading()
