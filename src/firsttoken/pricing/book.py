"""The one way from a call to its cost: the user's own prices first, then the price list."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from firsttoken.call import Call, Cost, Portion, Unpriced, operation_called, total_cost
from firsttoken.pricing.billing import Bill, bill_of
from firsttoken.pricing.override import Override, override_cost
from firsttoken.pricing.price_list import PriceList

logger = logging.getLogger(__name__)


class PriceBook:
    """Prices calls, one thread at a time. The price list is loaded at the first call that needs it."""

    def __init__(self, overrides: tuple[Override, ...] = ()) -> None:
        self._overrides = overrides
        self._price_list = PriceList()

    @classmethod
    def load(cls, prices: Path | None) -> PriceBook:
        """With the overrides of that file. Raises SettingsError for a file that cannot be understood."""
        if prices is None:
            return cls()
        # Only a program with a price file pays for the TOML parser.
        from firsttoken.pricing.override_file import read_overrides

        return cls(read_overrides(prices))

    def price(self, call: Call, portions: Collection[Portion] = ()) -> Cost | None:
        """Never raises. What cannot be priced is unpriced and says why; it is never zero.

        None for what is not billed, or was already. `portions` have prices of their own; without any, the usage has.
        """
        operation = operation_called(call.request.operation)
        if not operation.uses_tokens or (operation.is_about_earlier and call.usage is None):
            return None
        try:
            return self._price(call, portions)
        except Exception:
            logger.debug("a call of model %r could not be priced", call.request.model, exc_info=True)
            return Unpriced("price_error")

    def _price(self, call: Call, portions: Collection[Portion]) -> Cost:
        if call.usage is None or call.usage.partial or not portions:
            return self._priced_as_one(call)
        return total_cost(
            self._priced_as_one(_call_of(portion, call), portion.largest_input_tokens) for portion in portions
        )

    def _priced_as_one(self, call: Call, largest_input_tokens: int | None = None) -> Cost:
        bill = bill_of(call, largest_input_tokens)
        if isinstance(bill, Unpriced):
            return bill
        models = _models(call)
        return self._overridden(bill, models) or self._price_list.price(bill, models)

    def _overridden(self, bill: Bill, models: tuple[str, ...]) -> Cost | None:
        """The last entry of the file that matches decides, for the served model before the one asked for."""
        for model in models:
            for override in reversed(self._overrides):
                if override.matches(bill, model):
                    return override_cost(override, bill)
        return None


def _call_of(portion: Portion, call: Call) -> Call:
    """The portion as a call of its own. What was asked for says nothing of a model that did not answer."""
    asked = call.request.model if portion.response.model == call.response.model else None
    return replace(call, request=replace(call.request, model=asked), response=portion.response, usage=portion.usage)


def _models(call: Call) -> tuple[str, ...]:
    """The model that answered, then the one that was asked for: an alias or a deployment may be all that is known."""
    names = (call.response.model, call.request.model)
    return tuple(dict.fromkeys(name for name in names if name))
