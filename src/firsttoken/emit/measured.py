"""A call with the attributes that its metrics have in common."""

from __future__ import annotations

from typing import NamedTuple

from opentelemetry.util.types import AttributeValue

from firsttoken.call import Call, Operation, Request, operation_called
from firsttoken.emit.chosen import ChosenAttributes
from firsttoken.pricing.beside_cost import BesideCost
from firsttoken.semconv import names
from firsttoken.semconv.write import OPENAI_APIS

Attributes = dict[str, AttributeValue]


class Measured(NamedTuple):
    """What to record, and with which attributes, under current names."""

    call: Call
    operation: Operation
    shared: Attributes
    """On all metrics."""
    tiered: Attributes
    """The same with the service tier, on those of the whole call."""
    ended: Attributes
    """The same with the type of the error, on durations."""
    beside: BesideCost


def measured(call: Call, chosen: ChosenAttributes, beside: BesideCost) -> Measured:
    shared = metric_attributes(call.request, call.response.model, chosen)
    tiered = shared | _tier(call)
    ended = tiered if call.failure is None else {**tiered, names.ERROR_TYPE: call.failure.type}
    return Measured(call, operation_called(call.request.operation), shared, tiered, ended, beside)


def metric_attributes(request: Request, response_model: str | None, chosen: ChosenAttributes) -> Attributes:
    """The attributes that all metrics of a call share."""
    attributes: dict[str, AttributeValue | None] = {
        names.GEN_AI_OPERATION_NAME: request.operation,
        names.GEN_AI_PROVIDER_NAME: request.provider,
        names.GEN_AI_REQUEST_MODEL: request.model,
        names.GEN_AI_RESPONSE_MODEL: response_model,
        names.SERVER_ADDRESS: request.server_address,
        names.SERVER_PORT: request.server_port,
    }
    known = {name: value for name, value in attributes.items() if value is not None}
    return {**chosen.of(request.context), **known}


def _tier(call: Call) -> Attributes:
    """Of the OpenAI wires alone: the conventions have no name for the tier of another."""
    tier = call.response.service_tier
    if tier is None or not call.request.api.startswith(OPENAI_APIS):
        return {}
    return {names.OPENAI_RESPONSE_SERVICE_TIER: tier}
