"""The agent that works in a context, and how many calls it makes itself."""

from __future__ import annotations

from typing import Final, cast

from opentelemetry import context
from opentelemetry.context import Context

from firsttoken.call import operation_called
from firsttoken.guard import guarded

KEY: Final = context.create_key("firsttoken-agent")


class AgentAtWork:
    """Counts calls of any thread. Those of an agent that it calls are that one's own."""

    __slots__ = ("_inferences", "_tools", "name")

    def __init__(self, name: str | None) -> None:
        self.name = name
        # Appending is one step, and adding to a number is not.
        self._inferences: list[None] = []
        self._tools: list[None] = []

    @property
    def inference_calls(self) -> int:
        return len(self._inferences)

    @property
    def tool_calls(self) -> int:
        return len(self._tools)

    def count_inference(self) -> None:
        self._inferences.append(None)

    def count_tool(self) -> None:
        self._tools.append(None)


def at_work(agent: AgentAtWork, within: Context) -> Context:
    """`within`, with this agent at work."""
    return context.set_value(KEY, agent, within)


def agent_at_work() -> AgentAtWork | None:
    """The innermost one of the current context."""
    return cast("AgentAtWork | None", context.get_value(KEY))


@guarded("count an agent's call")
def count_for_agent(operation: str) -> None:
    """A call is about to be made."""
    agent = agent_at_work()
    if agent is not None and operation_called(operation).is_inference:
        agent.count_inference()
