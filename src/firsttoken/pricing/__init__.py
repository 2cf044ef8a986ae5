"""What a call cost: its usage and a dated price become a ledger, or the reason why there is none."""

from firsttoken.pricing.book import PriceBook

__all__ = ["PriceBook"]
