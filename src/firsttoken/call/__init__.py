"""What a call is: frozen values that say what was asked, how it went and what it used.

Nothing here knows an SDK, a telemetry signal or a table.
"""

from firsttoken.call.attempt import Attempt
from firsttoken.call.call import Call
from firsttoken.call.category import Category, Stage
from firsttoken.call.context import NOTHING_SAID, CallContext, ContextValue
from firsttoken.call.event_counts import EventCounts
from firsttoken.call.failure import Failure
from firsttoken.call.ledger import Cost, Ledger, Unpriced, stated_in_one, total_cost
from firsttoken.call.operation import OPERATIONS, Operation, operation_called
from firsttoken.call.outcome import Outcome
from firsttoken.call.portion import Portion
from firsttoken.call.rate_limits import RateLimits
from firsttoken.call.request import Parameters, Request
from firsttoken.call.response import Response
from firsttoken.call.sizes import Sizes
from firsttoken.call.timing import Stall, Timing
from firsttoken.call.usage import Usage, total_of

__all__ = [
    "NOTHING_SAID",
    "OPERATIONS",
    "Attempt",
    "Call",
    "CallContext",
    "Category",
    "ContextValue",
    "Cost",
    "EventCounts",
    "Failure",
    "Ledger",
    "Operation",
    "Outcome",
    "Parameters",
    "Portion",
    "RateLimits",
    "Request",
    "Response",
    "Sizes",
    "Stage",
    "Stall",
    "Timing",
    "Unpriced",
    "Usage",
    "operation_called",
    "stated_in_one",
    "total_cost",
    "total_of",
]
