"""Streams one answer to the terminal: python examples/chat.py "What should I see in Lisbon?"

OPENAI_API_KEY and OPENAI_BASE_URL say which provider answers.
"""

import sys

from openai import OpenAI


def main() -> None:
    prompt = " ".join(sys.argv[1:]) or "What should I see in Lisbon in one day?"
    with OpenAI() as client:
        stream = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": prompt}],
            stream=True,
            stream_options={"include_usage": True},
        )
        for chunk in stream:
            if chunk.choices:
                print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()


if __name__ == "__main__":
    main()
