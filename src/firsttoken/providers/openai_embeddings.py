"""OpenAI Embeddings, as OpenAI and compatible servers speak them.

Source: OpenAI API reference, "Create embeddings".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firsttoken.call import Parameters, Response, Usage
from firsttoken.providers.fields import count, get, text, texts, whole
from firsttoken.providers.raw_usage import raw_usage
from firsttoken.providers.wire import Reading, Wire, reported


@dataclass(frozen=True, slots=True)
class OpenAIEmbeddings(Wire):
    """The wire of `POST /embeddings`. There is no output to count."""

    api: str = "openai.embeddings"
    operation: str = "embeddings"

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        """The SDK itself asks for base64 where the caller names no format."""
        return Parameters(
            encoding_formats=texts(asked.get("encoding_format")),
            dimension_count=whole(asked.get("dimensions")),
        )

    def read_answer(self, answer: object) -> Reading:
        return Reading(
            response=Response(model=text(get(answer, "model"))),
            usage=reported(Usage(input_tokens=count(get(answer, "usage", "prompt_tokens")))),
            raw_usage=raw_usage(get(answer, "usage")),
            finished=True,
        )
