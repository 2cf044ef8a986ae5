"""Many runs of models as few portions, each still priced as its runs would be."""

from __future__ import annotations

from typing import Final

from firsttoken.call import Portion, Response, Usage, total_of

LARGE_INPUT: Final = 100_000
"""No provider's price for long prompts begins below that. A larger prompt stays a portion of its own, and a batch has
room for few of them: it is limited in bytes."""

Terms = tuple[str | None, str | None, str | None, str | None]


class SummedPortions:
    """Takes in one portion after another. Its size does not grow with the number of ordinary ones."""

    __slots__ = ("_large", "_small")

    def __init__(self) -> None:
        self._small: dict[Terms, Portion] = {}
        self._large: list[Portion] = []

    def add(self, portion: Portion) -> None:
        input_tokens = portion.usage.input_tokens or 0
        if input_tokens > LARGE_INPUT:
            self._large.append(portion)
            return
        terms = _terms(portion.response)
        held = self._small.get(terms) or Portion(Usage(0, 0), _response(terms), largest_input_tokens=0)
        self._small[terms] = Portion(
            total_of([held.usage, portion.usage]),
            held.response,
            largest_input_tokens=max(held.largest_input_tokens or 0, input_tokens),
        )

    def portions(self) -> tuple[Portion, ...]:
        return (*self._small.values(), *self._large)


def _terms(response: Response) -> Terms:
    return response.model, response.service_tier, response.speed, response.inference_geo


def _response(terms: Terms) -> Response:
    model, service_tier, speed, inference_geo = terms
    return Response(model=model, service_tier=service_tier, speed=speed, inference_geo=inference_geo)
