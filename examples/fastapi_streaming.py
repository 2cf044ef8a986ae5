"""An endpoint that hands on each token as it comes: uvicorn fastapi_streaming:app --app-dir examples

    curl -N localhost:8000/chat -H 'content-type: application/json' -d '{"prompt": "What makes Ghent worth a detour?"}'

Needs fastapi and uvicorn. OPENAI_API_KEY and OPENAI_BASE_URL say which provider answers.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from openai import AsyncOpenAI
from pydantic import BaseModel

from firsttoken import StreamAdapter
from firsttoken.adapter import Ask, AskMessage, AsyncStream, TextDelta
from firsttoken.errors import LLMError


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncOpenAI() as client:
        # One adapter serves all requests at once: what belongs to a request is in its stream.
        app.state.adapter = StreamAdapter(client)
        yield


app = FastAPI(lifespan=lifespan)


class Question(BaseModel):
    prompt: str


@app.post("/chat")
async def chat(question: Question) -> StreamingResponse:
    stream = app.state.adapter.stream(Ask("gpt-4o-mini", [AskMessage("user", question.prompt)]))
    return StreamingResponse(told(stream), media_type="text/event-stream")


async def told(stream: AsyncStream) -> AsyncIterator[str]:
    """When the browser goes away, this is cancelled where it waits. Leaving the block then closes the provider's stream
    at once, so that nobody pays for tokens that nobody reads. It is no error, and nothing has to be caught for it."""
    try:
        async with stream:
            async for event in stream:
                if isinstance(event, TextDelta):
                    yield sse("text", {"text": event.text})
    except LLMError as error:
        # The message holds nothing of the conversation. `category` is the same word for every provider.
        yield sse("error", {"message": str(error), "category": error.category, "retryable": error.retryable})
    else:
        yield sse("end", {"reason": stream.result.finish_reason, "first_token_s": stream.result.timing.first_token_s})


def sse(event: str, data: dict[str, object]) -> str:
    return f"event: {event}\ndata: {json.dumps(data)}\n\n"
