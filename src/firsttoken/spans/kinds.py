"""What the work of an agent consists of: a workflow, the agent itself, its steps and its tools."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry.util.types import AttributeValue

from firsttoken.contexts.block import NOTHING
from firsttoken.contexts.saying import Saying, saying
from firsttoken.semconv import names, own
from firsttoken.spans.marked import Marked
from firsttoken.spans.shape import Shape


def agent(
    name: str,
    *,
    id: object = None,
    description: str | None = None,
    model: str | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Marked:
    """An agent at work: a span `invoke_agent {name}`, how long it took, and how many calls it made itself.

    Args:
        name: the agent's; few agents have it, for it stands on metrics.
        id: the agent's, said of every call inside.
        description: what the agent is for.
        model: the one that it uses, where it uses no other.
        attributes: more that the span is to have.
    """
    _check_name("agent", name)
    said = {
        names.GEN_AI_OPERATION_NAME: "invoke_agent",
        names.GEN_AI_AGENT_NAME: name,
        names.GEN_AI_AGENT_DESCRIPTION: description,
        names.GEN_AI_REQUEST_MODEL: model,
    }
    known, of_calls = _known(attributes, said), _of_calls(agent_id=id)
    return Marked(Shape(f"invoke_agent {name}", known, operation="invoke_agent", said=of_calls, agent=name))


def workflow(name: str, *, run_id: object = None, attributes: Mapping[str, AttributeValue] | None = None) -> Marked:
    """Several agents and steps that belong together: a span `invoke_workflow {name}`, and how long it took.

    Args:
        name: the workflow's; few workflows have it, for it stands on metrics.
        run_id: of this run of it, said of every call inside.
        attributes: more that the span is to have.
    """
    _check_name("workflow", name)
    said = {names.GEN_AI_OPERATION_NAME: "invoke_workflow", names.GEN_AI_WORKFLOW_NAME: name}
    known, of_calls = _known(attributes, said), _of_calls(run_id=run_id)
    return Marked(Shape(f"invoke_workflow {name}", known, operation="invoke_workflow", said=of_calls))


def step(name: str, *, id: object = None, attributes: Mapping[str, AttributeValue] | None = None) -> Marked:
    """One step of an agent: a span `step {name}`. The conventions have no word for it, so it is on no metric.

    Args:
        name: what is done in it.
        id: the step's, said of every call inside.
        attributes: more that the span is to have.
    """
    _check_name("step", name)
    return Marked(Shape(f"step {name}", _known(attributes, {own.STEP_NAME: name}), said=_of_calls(step_id=id)))


def tool(  # noqa: PLR0913  one parameter for each thing to say
    name: str,
    *,
    call_id: str | None = None,
    arguments: object = None,
    description: str | None = None,
    type: str | None = "function",
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Marked:
    """A tool that is run: a span `execute_tool {name}`, and how long it took.

    Args:
        name: the tool's; few tools have it, for it stands on metrics.
        call_id: of the model's call that is answered.
        arguments: what it is given, as the model's JSON or as an object; a decorated function has its own. Recorded
            only where content is captured, as is the result: `with tool(...) as running: running.result = ...`.
        description: what the tool is for.
        type: `function`, `extension` or `datastore`.
        attributes: more that the span is to have.
    """
    _check_name("tool", name)
    said = {
        names.GEN_AI_OPERATION_NAME: "execute_tool",
        names.GEN_AI_TOOL_NAME: name,
        names.GEN_AI_TOOL_CALL_ID: call_id,
        names.GEN_AI_TOOL_DESCRIPTION: description,
        names.GEN_AI_TOOL_TYPE: type,
    }
    known = _known(attributes, said)
    return Marked(Shape(f"execute_tool {name}", known, operation="execute_tool", arguments=arguments))


def _check_name(kind: str, name: object) -> None:
    """`@agent` for `@agent("planner")` would take the function for a name, and fail where that is first called."""
    if callable(name):
        raise TypeError(f'firsttoken.{kind} needs a name: @firsttoken.{kind}("...")')


def _known(
    attributes: Mapping[str, AttributeValue] | None, said: Mapping[str, str | None]
) -> Mapping[str, AttributeValue]:
    return {**(attributes or {}), **{name: value for name, value in said.items() if value is not None}}


def _of_calls(**ids: object) -> Saying:
    """What is said of every call inside."""
    return saying(ids) if any(value is not None for value in ids.values()) else NOTHING
