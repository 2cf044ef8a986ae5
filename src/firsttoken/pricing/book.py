"""The one way from a call to its cost: the user's own prices first, then the price list."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from firsttoken.call import Call, Cost, Portion, Unpriced, operation_called, total_cost
from firsttoken.pricing.billing import Bill, bill_of
from firsttoken.pricing.invoice import Invoice, Line
from firsttoken.pricing.override import Override, discounted, override_invoice
from firsttoken.pricing.price_list import ASKED_BY_PLACE, PROVIDER_IDS, PriceList

if TYPE_CHECKING:
    from firsttoken.pricing.changes import Changes

logger = logging.getLogger(__name__)

Invoices = tuple[Invoice, ...]


class PriceBook:
    """Prices calls, one thread at a time. The price list is loaded at the first call that needs it."""

    def __init__(self, overrides: tuple[Override, ...] = (), price_list: PriceList | None = None) -> None:
        self.overrides = overrides
        self.price_list = price_list or PriceList()

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
        invoices = self.invoices(call, portions)
        if invoices is None or isinstance(invoices, Unpriced):
            return invoices
        return invoices[0].ledger if len(invoices) == 1 else total_cost(invoice.ledger for invoice in invoices)

    def invoices(self, call: Call, portions: Collection[Portion] = ()) -> Invoices | Unpriced | None:
        """The same before it is summed up: one invoice, or one for each portion. Never raises."""
        operation = operation_called(call.request.operation)
        if not operation.uses_tokens or (operation.is_about_earlier and call.usage is None):
            return None
        try:
            return self._invoices(call, portions)
        except Exception:
            logger.debug("a call of model %r could not be priced", call.request.model, exc_info=True)
            return Unpriced("price_error")

    def changes(self) -> Changes:
        """When any price of it changes."""
        from firsttoken.pricing.changes import changes_of

        return changes_of(self.price_list, self.overrides)

    def context_window(self, provider: str, model: str) -> int | None:
        """How many tokens of input the model takes, where the list knows."""
        try:
            listed = self.price_list.find(provider, (model,))
        except ImportError:
            return None
        return None if listed is None else listed.model.context_window

    def providers_of(self, model: str) -> tuple[str, ...]:
        """Those where the list has it, one name for each: who makes models comes before clouds that have them too."""
        try:
            found = [name for name in PROVIDER_IDS if self.price_list.find(name, (model,)) is not None]
        except ImportError:
            return ()
        ids = {PROVIDER_IDS[name]: name for name in reversed(found)}
        return tuple(sorted(ids.values(), key=lambda name: ("." in name, name)))

    def _invoices(self, call: Call, portions: Collection[Portion]) -> Invoices | Unpriced:
        if call.usage is None or call.usage.partial or not portions:
            invoice = self._invoice(call)
            return invoice if isinstance(invoice, Unpriced) else (invoice,)
        invoices: list[Invoice] = []
        for portion in portions:
            invoice = self._invoice(_call_of(portion, call), portion.largest_input_tokens)
            if isinstance(invoice, Unpriced):
                return invoice
            invoices.append(invoice)
        return tuple(invoices)

    def _invoice(self, call: Call, largest_input_tokens: int | None = None) -> Invoice | Unpriced:
        bill = bill_of(call, largest_input_tokens)
        if isinstance(bill, Unpriced):
            return bill
        models = _models(call)
        override = self._override(bill, models)
        if override is not None and override.rates is not None:
            return override_invoice(override, override.rates, bill)
        listed = self.price_list.invoice(bill, models)
        if override is None or override.discount is None or isinstance(listed, Unpriced):
            return listed
        return discounted(override, override.discount, listed)

    def _override(self, bill: Bill, models: tuple[str, ...]) -> Override | None:
        """The last entry of the file that matches decides, for the served model before the one asked for."""
        for model in models or ("",):
            for override in reversed(self.overrides):
                if override.conditions.hold(bill, model):
                    return override
        return None


def lines_of(invoices: Invoices) -> tuple[Line, ...]:
    return tuple(line for invoice in invoices for line in invoice.lines)


def _call_of(portion: Portion, call: Call) -> Call:
    """The portion as a call of its own. What was asked for says nothing of a model that did not answer."""
    asked = call.request.model if portion.response.model == call.response.model else None
    return replace(call, request=replace(call.request, model=asked), response=portion.response, usage=portion.usage)


def _models(call: Call) -> tuple[str, ...]:
    """The model that answered, then the one that was asked for: an alias or a deployment may be all that is known."""
    names = (call.response.model, call.request.model)
    if call.request.provider in ASKED_BY_PLACE:
        names = names[::-1]
    return tuple(dict.fromkeys(name for name in names if name))
