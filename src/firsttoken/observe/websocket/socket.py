"""The two stand-ins for a WebSocket inside an SDK's connection: same messages, same exceptions, each seen on its way.

Whatever an SDK does on a connection it does by these three methods of the socket, in every version: also with what was
queued before it was open, what its sessions send, and what it sends once more when it has connected again.
"""

from __future__ import annotations

from typing import Any

import wrapt

from firsttoken.observe.websocket.talk import Talk


class StandIn(wrapt.ObjectProxy):  # pyright: ignore[reportMissingTypeArgument]
    """Is the socket in everything but its identity. It is held by the SDK's connection alone, and dies with it."""

    def __init__(self, socket: Any, talk: Talk) -> None:
        super().__init__(socket)  # pyright: ignore[reportUnknownMemberType]
        self._self_socket = socket
        self._self_talk = talk

    def __del__(self) -> None:
        self._self_talk.drop()


class WatchedSocket(StandIn):
    def send(self, message: Any, *args: Any, **kwargs: Any) -> None:
        with self._self_talk.sending(message):
            self._self_socket.send(message, *args, **kwargs)

    def recv(self, *args: Any, **kwargs: Any) -> Any:
        talk = self._self_talk
        talk.wait()
        try:
            message = self._self_socket.recv(*args, **kwargs)
        except BaseException as error:
            talk.failed(error)
            raise
        talk.heard(message)
        return message

    def close(self, *args: Any, **kwargs: Any) -> None:
        self._self_talk.close()
        self._self_socket.close(*args, **kwargs)


class AsyncWatchedSocket(StandIn):
    """The same for an asynchronous one."""

    async def send(self, message: Any, *args: Any, **kwargs: Any) -> None:
        with self._self_talk.sending(message):
            await self._self_socket.send(message, *args, **kwargs)

    async def recv(self, *args: Any, **kwargs: Any) -> Any:
        talk = self._self_talk
        talk.wait()
        try:
            message = await self._self_socket.recv(*args, **kwargs)
        except BaseException as error:
            talk.failed(error)
            raise
        talk.heard(message)
        return message

    async def close(self, *args: Any, **kwargs: Any) -> None:
        self._self_talk.close()
        await self._self_socket.close(*args, **kwargs)


def talk_on(socket: Any) -> Talk | None:
    """What is said on a socket that is watched."""
    return socket._self_talk if isinstance(socket, StandIn) else None  # pyright: ignore[reportPrivateUsage]
