"""Asks about several cities at once and prints each answer when it is whole: python examples/async_fan_out.py Graz Riga

OPENAI_API_KEY and OPENAI_BASE_URL say which provider answers.
"""

import asyncio
import sys

from openai import AsyncOpenAI


async def ask(client: AsyncOpenAI, city: str) -> str:
    stream = await client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": f"One sentence about {city}."}],
        stream=True,
        stream_options={"include_usage": True},
    )
    pieces = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
    return f"{city}: {''.join(pieces)}"


async def main() -> None:
    cities = sys.argv[1:] or ["Graz", "Riga", "Split", "Turin", "Cork"]
    async with AsyncOpenAI() as client:
        for answer in asyncio.as_completed([ask(client, city) for city in cities]):
            print(await answer)


if __name__ == "__main__":
    asyncio.run(main())
