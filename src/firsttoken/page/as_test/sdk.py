"""How each SDK is asked in a test, and what it then says: code without anything of a call in it.

`heard` gives the text, the calls of tools, why the answer ended and the tokens that went in and came out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sdk:
    """One API."""

    package: str
    client: str
    ask: str
    """The method."""
    request: str
    heard: str
    heard_streamed: str
    streamed: str = '{"stream": True}'
    """What is asked as well for a stream."""
    error_word: str = "code"
    """As what an error tells the provider's word for it."""
    input_counts_cached: bool = True
    """Whether its count of input tokens has those of the cache in it."""
    ends_by_status: bool = False
    """Whether an answer says by a status rather than by a reason why it ended."""


OPENAI_CLIENT: Final = 'openai.OpenAI(api_key="test", base_url=server.openai_base_url, max_retries=len(EARLIER))'
ANTHROPIC_CLIENT: Final = (
    'anthropic.Anthropic(api_key="test", base_url=server.anthropic_base_url, max_retries=len(EARLIER))'
)
MESSAGES: Final = '"messages": [{"role": "user", "content": PROMPT}]'

CHAT: Final = Sdk(
    package="openai",
    client=OPENAI_CLIENT,
    ask="chat.completions.create",
    request=f'{{"model": MODEL, {MESSAGES}}}',
    streamed='{"stream": True, "stream_options": {"include_usage": True}}',
    heard='''\
def heard(completion):
    """Text, calls of tools, why it ended, and tokens in and out, as the SDK gives them."""
    message = completion.choices[0].message
    called = [(call.function.name, call.function.arguments) for call in message.tool_calls or ()]
    usage = completion.usage
    tokens = usage and (usage.prompt_tokens, usage.completion_tokens)
    return message.content or "", called, completion.choices[0].finish_reason, tokens
''',
    heard_streamed='''\
def heard(chunks):
    """Text, calls of tools, why it ended, and tokens in and out, as the SDK gives them."""
    text, called, reason, tokens = "", {}, None, None
    for chunk in chunks:
        tokens = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens) if chunk.usage else tokens
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
            for call in choice.delta.tool_calls or ():
                name, arguments = called.get(call.index, ("", ""))
                called[call.index] = (name + (call.function.name or ""), arguments + (call.function.arguments or ""))
    return text, list(called.values()), reason, tokens
''',
)
RESPONSES: Final = Sdk(
    package="openai",
    client=OPENAI_CLIENT,
    ask="responses.create",
    request='{"model": MODEL, "input": PROMPT}',
    heard='''\
def heard(response):
    """Text, calls of tools, how it ended, and tokens in and out, as the SDK gives them."""
    called = [(item.name, item.arguments) for item in response.output if item.type == "function_call"]
    usage = response.usage
    tokens = usage and (usage.input_tokens, usage.output_tokens)
    return response.output_text, called, response.status, tokens
''',
    heard_streamed='''\
def heard(events):
    """Text, calls of tools, how it ended, and tokens in and out, as the SDK gives them."""
    text, called, status, tokens = "", [], None, None
    for event in events:
        if event.type == "response.output_text.delta":
            text += event.delta
        elif event.type == "response.output_item.done" and event.item.type == "function_call":
            called.append((event.item.name, event.item.arguments))
        elif event.type in ("response.completed", "response.incomplete", "response.failed"):
            status, usage = event.response.status, event.response.usage
            tokens = usage and (usage.input_tokens, usage.output_tokens)
    return text, called, status, tokens
''',
    ends_by_status=True,
)
ANTHROPIC: Final = Sdk(
    package="anthropic",
    client=ANTHROPIC_CLIENT,
    ask="messages.create",
    request=f'{{"model": MODEL, "max_tokens": 1024, {MESSAGES}}}',
    heard='''\
def heard(message):
    """Text, calls of tools, why it ended, and tokens in and out, as the SDK gives them."""
    text = "".join(block.text for block in message.content if block.type == "text")
    called = [
        (block.name, json.dumps(block.input, ensure_ascii=False, separators=(",", ":")))
        for block in message.content
        if block.type == "tool_use"
    ]
    usage = message.usage
    return text, called, message.stop_reason, usage and (usage.input_tokens, usage.output_tokens)
''',
    heard_streamed='''\
def heard(events):
    """Text, calls of tools, why it ended, and tokens in and out, as the SDK gives them."""
    text, called, reason, given, tokens = "", {}, None, None, None
    for event in events:
        if event.type == "message_start":
            given = event.message.usage and event.message.usage.input_tokens
        elif event.type == "content_block_start" and event.content_block.type == "tool_use":
            called[event.index] = (event.content_block.name, "")
        elif event.type == "content_block_delta" and event.delta.type == "text_delta":
            text += event.delta.text
        elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
            name, arguments = called[event.index]
            called[event.index] = (name, arguments + event.delta.partial_json)
        elif event.type == "message_delta":
            reason = event.delta.stop_reason
            tokens = event.usage and (given, event.usage.output_tokens)
    return text, list(called.values()), reason, tokens
''',
    error_word="type",
    input_counts_cached=False,
)
SDKS: Final = {
    "openai.chat_completions": CHAT,
    "openai.responses": RESPONSES,
    "anthropic.messages": ANTHROPIC,
}
"""By the name of the wire."""
