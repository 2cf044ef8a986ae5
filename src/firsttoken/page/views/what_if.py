"""What the same calls would have cost otherwise."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from firsttoken.analyse.columns import integer
from firsttoken.analyse.what_if import WhatIfAnswer, WhatIfOptions, what_if_answer
from firsttoken.page.filled import Filled, understood
from firsttoken.page.part import part
from firsttoken.page.period import period_of
from firsttoken.page.question import BadQuestion, Subject
from firsttoken.page.rendering import wants_html
from firsttoken.page.views.view import View
from firsttoken.pricing.whatif import Scenario, named_model
from firsttoken.store import Selection

OWN: Final = ("to", "tier", "batch", "no_cache", "anyway")
YES: Final = "yes"
FEW: Final = 50_000
"""Calls that are priced again without a second question."""
MOST_MODELS: Final = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What would be otherwise, as the form says it."""

    to: str = ""
    """Models, with commas between them."""
    tier: str = ""
    batch: bool = False
    no_cache: bool = False

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Asked:
        """Raises BadQuestion."""
        for name in ("batch", "no_cache", "anyway"):
            if parameters.get(name, YES) != YES:
                raise BadQuestion(f"{name} must be {YES}, or not there", name)
        asked = cls(
            parameters.get("to", "").strip(),
            parameters.get("tier", "").strip(),
            "batch" in parameters,
            "no_cache" in parameters,
        )
        if asked.tier and asked.batch:
            raise BadQuestion("tier and batch exclude each other", "tier", "batch")
        if len(asked.models) > MOST_MODELS:
            raise BadQuestion(f"to names more than {MOST_MODELS} models: leave some out", "to")
        return asked

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for each in self.to.split(",") if (name := each.strip())))

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """None where nothing would be otherwise."""
        otherwise = Scenario(tier=self.tier or None, batch=self.batch, cache="none" if self.no_cache else None)
        if self.models:
            return tuple(
                replace(otherwise, model=each.model, provider=each.provider) for each in map(named_model, self.models)
            )
        return () if otherwise == Scenario() else (otherwise,)

    def naming(self, model: str, name: str) -> dict[str, str]:
        """What asks the same, but for the name of one of the models."""
        return {**self.parameters, "to": ", ".join(name if each == model else each for each in self.models)}

    @property
    def parameters(self) -> dict[str, str]:
        said = {"to": self.to, "tier": self.tier, "batch": YES * self.batch, "no_cache": YES * self.no_cache}
        return {name: value for name, value in said.items() if value}


class WhatIfView(View):
    """`/what-if`."""

    here = "/what-if"

    def routes(self) -> Sequence[Route]:
        return [Route("/what-if", self._what_if)]

    async def _what_if(self, request: Request) -> StreamingResponse:
        question = Subject.read(request.query_params, also=OWN)
        said = {name: value for name, value in request.query_params.items() if name in OWN}
        asked, mistakes = understood(Asked.read, said)
        if mistakes and not wants_html(request.headers):
            raise BadQuestion(next(iter(mistakes.values())))
        return await run_in_threadpool(self._page, request, question, asked, Filled(typed=said, mistakes=mistakes))

    def _page(self, request: Request, question: Subject, asked: Asked, form: Filled) -> StreamingResponse:
        period = period_of(self._site.store, question, time.time_ns())
        with self._site.store.read() as reader:
            (counted,) = reader.ask("call_count", None, period.bounded)
        calls = integer(counted, "calls")
        return self.page_by_parts(
            "what_if.html",
            request,
            HTTPStatus.BAD_REQUEST if form.mistakes else HTTPStatus.OK,
            period=period,
            asked=asked,
            form=form,
            selected_calls=calls,
            is_asked=bool(asked.scenarios) and not form.mistakes,
            is_too_many=calls > FEW and "anyway" not in form.typed,
            answered=part(lambda: self.answered_of(period.bounded, asked)),
            scenario_name=scenario_name,
        )

    def answered_of(self, selection: Selection, asked: Asked) -> WhatIfAnswer:
        with self._site.store.read() as reader:
            return what_if_answer(
                reader, WhatIfOptions(selection=selection, group_by=("model",), scenarios=asked.scenarios)
            )


def scenario_name(scenario: Scenario) -> str:
    """In the words of the form."""
    named = "/".join(name for name in (scenario.provider, scenario.model) if name)
    words = (named, scenario.tier, "in a batch" if scenario.batch else "", "without a cache" if scenario.cache else "")
    return ", ".join(word for word in words if word)
