"""A client whose streams are read by the streaming adapter."""

from __future__ import annotations

from typing import Any

from bench.sdks import Api, Caller, Shape
from firsttoken import StreamAdapter


class AdaptedCaller(Caller):
    """The same client, its stream read by the adapter."""

    def __init__(self, api: Api, shape: Shape, words: int) -> None:
        super().__init__(api, shape, words, own_spans=True)
        self._adapter: StreamAdapter[Any] = StreamAdapter(self.client)
        self._request = {name: value for name, value in (api.body | api.streamed).items() if name != "stream"}

    async def open(self) -> Any:
        """With its request sent."""
        stream = self._adapter.stream(self._request)
        await self._made(stream.__enter__() if self._shape == "sync" else stream.__aenter__())
        return stream
