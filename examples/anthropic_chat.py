"""Streams one answer to the terminal: python examples/anthropic_chat.py "What makes Ghent worth a detour?"

ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL say which provider answers.
"""

import sys

from anthropic import Anthropic


def main() -> None:
    prompt = " ".join(sys.argv[1:]) or "What makes Ghent worth a detour?"
    with (
        Anthropic() as client,
        client.messages.stream(
            model="claude-haiku-4-5",
            max_tokens=1024,
            messages=[{"role": "user", "content": prompt}],
        ) as stream,
    ):
        for text in stream.text_stream:
            print(text, end="", flush=True)
    print()


if __name__ == "__main__":
    main()
