"""A program that somebody wrote without a thought of firsttoken: four calls of each SDK, and what came of them.

Its argument is what the names of the models begin with. Prints a line of JSON.
"""

import asyncio
import json
import sys

MESSAGES = [{"role": "user", "content": "How is the weather?"}]


def chats(prefix):
    from openai import AsyncOpenAI, OpenAI

    asked = {"messages": MESSAGES, "temperature": 0.5}
    with OpenAI(api_key="key") as client:
        chunks = client.chat.completions.create(model=f"{prefix}-openai-sync-stream", stream=True, **asked)
        yield chunk_texts(list(chunks))
        yield whole_text(client.chat.completions.create(model=f"{prefix}-openai-sync-whole", **asked))

    async def more():
        async with AsyncOpenAI(api_key="key") as client:
            chunks = await client.chat.completions.create(model=f"{prefix}-openai-async-stream", stream=True, **asked)
            streamed = chunk_texts([chunk async for chunk in chunks])
            whole = await client.chat.completions.create(model=f"{prefix}-openai-async-whole", **asked)
            return streamed, whole_text(whole)

    yield from asyncio.run(more())


def messages(prefix):
    from anthropic import Anthropic, AsyncAnthropic

    asked = {"messages": MESSAGES, "max_tokens": 64}
    with Anthropic(api_key="key") as client:
        events = client.messages.create(model=f"{prefix}-anthropic-sync-stream", stream=True, **asked)
        yield event_texts(list(events))
        yield block_text(client.messages.create(model=f"{prefix}-anthropic-sync-whole", **asked))

    async def more():
        async with AsyncAnthropic(api_key="key") as client:
            events = await client.messages.create(model=f"{prefix}-anthropic-async-stream", stream=True, **asked)
            streamed = event_texts([event async for event in events])
            return streamed, block_text(await client.messages.create(model=f"{prefix}-anthropic-async-whole", **asked))

    yield from asyncio.run(more())


def chunk_texts(chunks):
    return len(chunks), "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def whole_text(completion):
    return None, completion.choices[0].message.content


def event_texts(events):
    return len(events), "".join(event.delta.text for event in events if event.type == "content_block_delta")


def block_text(message):
    return None, message.content[0].text


print(json.dumps([*chats(sys.argv[1]), *messages(sys.argv[1])]))
