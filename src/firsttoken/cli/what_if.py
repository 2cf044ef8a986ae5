"""`firsttoken what-if`: what the same calls would have cost otherwise."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firsttoken.cli.asked import Asked, answer_options
from firsttoken.cli.own_prices import prices_option

if TYPE_CHECKING:
    from firsttoken.pricing.override import Override
    from firsttoken.pricing.whatif import Scenario

R = TypeVar("R")


def scenario_options(command: Callable[..., R]) -> Callable[..., R]:
    """The command gets what would be otherwise as `scenarios`: one for each model, or one without any."""

    @click.option(
        "--to-model",
        "to_models",
        multiple=True,
        metavar="NAME",
        help="Another model, or PROVIDER/NAME for one of another provider. Repeatable: each by itself.",
    )
    @click.option("--to-provider", metavar="NAME", help="Another provider, such as azure.ai.openai.")
    @click.option("--tier", metavar="NAME", help="Another service tier, in the provider's word; `standard` for none.")
    @click.option("--batch", is_flag=True, help="As requests of a batch.")
    @click.option("--no-cache", is_flag=True, help="Without a cache of prompts.")
    @functools.wraps(command)
    def with_scenarios(
        *,
        to_models: tuple[str, ...],
        to_provider: str | None,
        tier: str | None,
        batch: bool,
        no_cache: bool,
        **others: Any,
    ) -> R:
        from firsttoken.pricing.whatif import Scenario, named_model

        if "" in (*to_models, to_provider, tier):
            raise click.UsageError("--to-model, --to-provider and --tier take a name.")
        if not (to_models or to_provider or tier or batch or no_cache):
            raise click.UsageError(
                "Say what would be otherwise: --to-model, --to-provider, --tier, --batch or --no-cache."
            )
        if tier and batch:
            raise click.UsageError("--tier and --batch exclude each other.")
        otherwise = Scenario(provider=to_provider, tier=tier, batch=batch, cache="none" if no_cache else None)
        named = [named_model(model) for model in dict.fromkeys(to_models)] or [otherwise]
        return command(
            scenarios=tuple(
                replace(otherwise, model=each.model, provider=to_provider or each.provider) for each in named
            ),
            **others,
        )

    return with_scenarios


@click.command("what-if", short_help="Show what the same calls would have cost otherwise.")
@answer_options
@prices_option
@scenario_options
def what_if(asked: Asked, prices: tuple[Override, ...], scenarios: tuple[Scenario, ...]) -> None:
    """Show what the same calls would have cost with another model, on another tier, in a batch or without a cache.

    The tokens are those that were reported, and the prices those of each call's own day. What is taken for granted is
    said below the table, as is what cannot be known; those calls are left out on both sides of the comparison.
    """
    from firsttoken.analyse.what_if import WHAT_IF, WhatIfOptions
    from firsttoken.cli.what_if_table import print_what_if

    options = WhatIfOptions(**asked.scope, scenarios=scenarios, prices=prices)
    asked.show(WHAT_IF, options, print_what_if, work="calls priced again")
