"""What a Chat Completions stream has said: each choice put together as the message that a whole answer has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from firsttoken.plain import members_of, plain
from firsttoken.providers.fields import count, get, items, mapping, text
from firsttoken.providers.growing import SealedSound, grown, read
from firsttoken.providers.sealing import body_of


def index_of(choice: Mapping[str, Any]) -> int:
    """The number of a choice; what is none, as a broken server may send it, is the first."""
    index = choice.get("index")
    return index if type(index) is int and index >= 0 else 0


class ChatTranscript:
    """Texts grow in place, as UTF-8: a list of their pieces would take many times their size."""

    __slots__ = ("_choices", "_growing", "_growing_at")

    def __init__(self) -> None:
        self._choices: dict[int, Choice] = {}
        self._growing_at: int | None = None
        self._growing = bytearray()
        """The content of the choice that the last chunk was of, which has had its role, with its index."""

    def note(self, chunk: Any) -> None:
        try:
            (choice,) = chunk.__dict__["choices"]
            given: dict[str, Any] = choice.__dict__
            delta = given["delta"]
            said: dict[str, Any] = delta.__dict__
            says_one_thing = [*said.values()].count(None) == len(said) - 1 and not delta.__pydantic_extra__
            if says_one_thing and given["index"] == self._growing_at:
                self._growing += said["content"].encode()
                return
        except (AttributeError, KeyError, TypeError, ValueError):
            pass  # It is of another kind than nearly all of a stream.
        self._note_any(chunk)

    def _note_any(self, chunk: Any) -> None:
        # Members are looked up in dicts: each attribute of a pydantic model costs five times as much.
        for choice in items(members_of(chunk).get("choices")):
            given = members_of(choice)
            self.take(index_of(given), given.get("delta"))

    def take(self, index: int, delta: object) -> Choice:
        """Takes in what one choice says more, and gives the choice, as far as it came."""
        said = self._choices.get(index)
        if said is None:
            said = self._choices[index] = Choice()
        if delta is not None:
            said.take(members_of(delta))
        if said.role is not None:
            self._growing_at, self._growing = index, said.content
        return said

    def answer(self) -> object:
        return {"choices": [{"message": self._choices[index].message()} for index in sorted(self._choices)]}


class Choice:
    """One choice, as far as it came."""

    __slots__ = ("_calls", "_details", "_lists", "_open_calls", "_sound", "_texts", "content", "latest_calls", "role")

    def __init__(self) -> None:
        self.content = bytearray()
        self.role: str | None = None
        self.latest_calls: list[tuple[Call, str]] = []
        """The calls that the last delta with any was about, each with the piece of its arguments that came."""
        self._texts: dict[str, bytearray] = {}
        self._lists: dict[str, list[Any]] = {}
        self._details: dict[tuple[int | None, str | None], dict[str, Any]] = {}
        self._calls: list[Call] = []
        self._open_calls: dict[object, Call] = {}
        self._sound: SealedSound | None = None

    def take(self, delta: Mapping[str, Any]) -> None:
        """Everything that a delta may carry, in any mixture."""
        self.latest_calls = []
        for name, value in delta.items():
            if not value:
                continue
            if name == "content" and type(value) is str:
                self.content += value.encode("utf-8", "surrogatepass")
            elif (take := TAKES.get(name)) is not None:
                take(self, value, delta)

    def message(self) -> dict[str, Any]:
        lists = dict(self._lists)
        parts = lists.pop("content", [])
        said = read(self.content)
        return {
            "role": self.role,
            "content": [{"type": "text", "text": said}, *parts] if parts else said,
            "tool_calls": [call.whole() for call in self._calls],
            "reasoning_details": [_detail(detail) for detail in self._details.values()],
            "audio": None if self._sound is None else self._sound.whole(),
            **{name: read(grown_text) for name, grown_text in self._texts.items()},
            **lists,
        }

    def take_role(self, role: object, _: Mapping[str, Any]) -> None:
        self.role = self.role or text(role)

    def take_content(self, content: object, _: Mapping[str, Any]) -> None:
        """The list of parts that Mistral sends."""
        for part in plain(items(content)):
            kind, thought = get(part, "type"), get(part, "thinking")
            if kind == "text":
                grown(self.content, get(part, "text"))
            elif kind == "thinking":
                self._grow("reasoning_content", thought)
                for piece in items(thought):
                    self._grow("reasoning_content", get(piece, "text"))
            else:
                self._lists.setdefault("content", []).append(part)

    def take_refusal(self, refusal: object, _: Mapping[str, Any]) -> None:
        self._grow("refusal", refusal)

    def take_reasoning_content(self, thought: object, _: Mapping[str, Any]) -> None:
        self._grow("reasoning_content", thought)

    def take_reasoning(self, thought: object, given: Mapping[str, Any]) -> None:
        """The other name of the same: a server that sends both says everything twice."""
        if not given.get("reasoning_content"):
            self._grow("reasoning_content", thought)

    def take_details(self, details: object, given: Mapping[str, Any]) -> None:
        """Pieces of one detail share its index and its type; what `reasoning` says too is not kept twice."""
        for detail in map(mapping, plain(items(details))):
            held = self._details.setdefault((count(detail.get("index")), text(detail.get("type"))), {})
            for name, value in detail.items():
                if name in ("text", "summary", "data"):
                    if name == "data" or not given.get("reasoning"):
                        grown(held.setdefault(name, bytearray()), value)
                elif value is not None:
                    held[name] = value

    def take_annotations(self, annotations: object, _: Mapping[str, Any]) -> None:
        self._lists.setdefault("annotations", []).extend(plain(items(annotations)))

    def take_images(self, images: object, _: Mapping[str, Any]) -> None:
        self._lists.setdefault("images", []).extend(plain(items(images)))

    def take_audio(self, audio: object, _: Mapping[str, Any]) -> None:
        if self._sound is None:
            self._sound = SealedSound()
        self._sound.take(audio)

    def take_calls(self, calls: object, _: Mapping[str, Any]) -> None:
        for call in items(calls):
            self._take_call(members_of(call))

    def take_function(self, function: object, _: Mapping[str, Any]) -> None:
        self._take_call({"index": "function_call", "function": function})

    def _grow(self, name: str, piece: object) -> None:
        grown(self._texts.setdefault(name, bytearray()), piece)

    def _take_call(self, given: Mapping[str, Any]) -> None:
        call = self._call(given.get("index"), given.get("id"))
        self.latest_calls.append((call, call.take(given)))

    def _call(self, index: object, id_: object) -> Call:
        """The call at an index; another one where a server that does not count gives it another id."""
        key = index if type(index) is int or type(index) is str else None
        call = self._open_calls.get(key)
        if call is None or (id_ and call.id and id_ != call.id):
            call = self._open_calls[key] = Call()
            self._calls.append(call)
        return call


TAKES: Final[Mapping[str, Callable[[Choice, Any, Mapping[str, Any]], None]]] = {
    "role": Choice.take_role,
    "content": Choice.take_content,
    "refusal": Choice.take_refusal,
    "reasoning_content": Choice.take_reasoning_content,
    "reasoning": Choice.take_reasoning,
    "reasoning_details": Choice.take_details,
    "annotations": Choice.take_annotations,
    "images": Choice.take_images,
    "audio": Choice.take_audio,
    "tool_calls": Choice.take_calls,
    "function_call": Choice.take_function,
}
"""What takes each member of a delta."""


class Call:
    """One call of a tool, as far as it came."""

    __slots__ = ("_arguments", "_kind", "_name", "id")

    def __init__(self) -> None:
        self.id: object = None
        self._kind = ""
        self._name = ""
        self._arguments = bytearray()

    @property
    def name(self) -> str:
        """As much as came."""
        return self._name

    def take(self, call: Mapping[str, Any]) -> str:
        """The first piece says what is called; the name may come in pieces as well, or be repeated with each.

        Gives what it adds to the arguments.
        """
        if not self.id:
            self.id, self._kind = call.get("id"), text(call.get("type")) or self._kind
        said = members_of(call.get(self._kind or "function"))
        name = said.get("name")
        if type(name) is str and name != self._name:
            self._name += name
        piece = _written(said.get("input" if self._kind == "custom" else "arguments"))
        grown(self._arguments, piece)
        return piece

    def whole(self) -> dict[str, Any]:
        kind = self._kind or "function"
        given = "input" if kind == "custom" else "arguments"
        return {"id": self.id, "type": kind, kind: {"name": self._name, given: read(self._arguments)}}


def _written(arguments: object) -> str:
    """Arguments, or a piece of them. Some servers send them as an object, and whole."""
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else body_of(plain(arguments))


def _detail(held: Mapping[str, Any]) -> dict[str, Any]:
    return {name: read(value) if isinstance(value, bytearray) else value for name, value in held.items()}
