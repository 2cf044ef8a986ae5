"""Streams one answer of any provider, and says how it went: python examples/adapter_chat.py claude-haiku-4-5 "Why?"

A model whose name begins with `claude` is asked of Anthropic, any other of OpenAI or a server that speaks like it:
OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL say where that is.
"""

import sys

from anthropic import Anthropic
from openai import OpenAI

from firsttoken import StreamAdapter
from firsttoken.adapter import Ask, AskMessage, StreamResult, TextDelta
from firsttoken.errors import LLMError


def main() -> None:
    model, *prompt = sys.argv[1:] or ["gpt-4o-mini"]
    ask = Ask(model, [AskMessage("user", " ".join(prompt) or "What makes Ghent worth a detour?")], max_tokens=1024)
    try:
        with Anthropic() if model.startswith("claude") else OpenAI() as client:
            # Nothing is sent before this is iterated or entered. Iterated to its end, it has closed itself.
            stream = StreamAdapter(client).stream(ask)
            for event in stream:
                if isinstance(event, TextDelta):
                    print(event.text, end="", flush=True)
    except LLMError as error:
        # One set of errors for all providers. The provider's own exception is its __cause__.
        sys.exit(f"\n{error}")
    print("\n")
    print(about(stream.result), file=sys.stderr)


def about(result: StreamResult) -> str:
    """What is None was not said, and is not 0."""
    first_token_s, usage = result.timing.first_token_s, result.usage
    return "\n".join(
        [
            f"model: {result.response.model or result.requested_model}",
            f"ended: {result.finish_reason}",
            f"first token: {'none came' if first_token_s is None else f'{first_token_s:.3f} s'}",
            f"input tokens: {'not reported' if usage is None else usage.input_tokens}",
            f"output tokens: {'not reported' if usage is None else usage.output_tokens}",
        ]
    )


if __name__ == "__main__":
    main()
