"""The images that a response had made on the way: runs of another model, which the API counts apart.

Source: OpenAI API reference, "The response object" (`tool_usage`), "Image generation" (`tools`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from firsttoken.call import Portion, Response, Usage, total_of
from firsttoken.providers.fields import count, get, items, text
from firsttoken.providers.wire import Reading, reported

TOOL: Final = "image_generation"
"""The type of the tool, and what stands for its model where that is not told. No price list knows it."""


def with_images(said: Reading, response: object) -> Reading:
    """The reading with what the images used, which is billed at the price of their own model.

    Images that nobody has counted leave the usage partial.
    """
    run = _run(response, said.response)
    if said.usage is None or run is None:
        return said
    usage = replace(
        total_of([said.usage, run.usage]),
        input_text_tokens=None,  # Of the model that answered, nobody tells them apart.
        output_text_tokens=None,
        input_image_tokens=None,
        output_image_tokens=None,
        side_input_tokens=run.usage.input_tokens,
        side_output_tokens=run.usage.output_tokens,
    )
    return replace(said, usage=usage, portions=(Portion(said.usage, said.response), run))


def _run(response: object, served: Response) -> Portion | None:
    usage = _usage(get(response, "tool_usage", "image_gen"))
    made = any(get(item, "type") == f"{TOOL}_call" for item in items(get(response, "output")))
    if usage is None and not made:
        return None
    tools = (tool for tool in items(get(response, "tools")) if get(tool, "type") == TOOL)
    model = next((model for tool in tools if (model := text(get(tool, "model")))), TOOL)
    return Portion(usage or Usage(), replace(served, model=model))


def _usage(told: object) -> Usage | None:
    return reported(
        Usage(
            input_tokens=count(get(told, "input_tokens")),
            output_tokens=count(get(told, "output_tokens")),
            cache_read_tokens=count(get(told, "cached_tokens")),
            input_text_tokens=count(get(told, "input_tokens_details", "text_tokens")),
            output_text_tokens=count(get(told, "output_tokens_details", "text_tokens")),
            input_image_tokens=count(get(told, "input_tokens_details", "image_tokens")),
            output_image_tokens=count(get(told, "output_tokens_details", "image_tokens")),
        )
    )
