"""What can be chosen on top of a board."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import VariableModel, VariableOption, VariableRefresh, VariableSort

from boards.panels import DATA_SOURCE
from boards.queries import ACTIVE_CALLS, CALLS, COST, CURRENCY, ENVIRONMENT, MODEL, OPERATION, PROVIDER, SERVICE

VariableBuilder = Builder[VariableModel]
ALL: Final = VariableOption(selected=True, text="All", value="$__all")
DOLLARS: Final = VariableOption(selected=True, text="USD", value="USD")
EVERYTHING: Final = ".*"


def for_calls() -> list[VariableBuilder]:
    return [
        data_source("datasource", "Metrics", "prometheus"),
        _values("service", "Service", CALLS, SERVICE),
        _values("environment", "Environment", CALLS, ENVIRONMENT),
        _values("provider", "Provider", CALLS, PROVIDER),
        _values("model", "Model", CALLS, MODEL),
        _values("operation", "Operation", CALLS, OPERATION),
    ]


def for_money() -> list[VariableBuilder]:
    """One currency at a time, of what is stacked. Grafana takes another where nothing was paid in the first choice."""
    return [*for_calls(), _one_value("currency", "Currency", COST, CURRENCY).current(DOLLARS)]


def for_processes() -> list[VariableBuilder]:
    return [
        data_source("datasource", "Metrics", "prometheus"),
        _values("service", "Service", ACTIVE_CALLS, SERVICE),
        _values("environment", "Environment", CALLS, ENVIRONMENT),
    ]


def data_source(name: str, shown: str, kind: str) -> VariableBuilder:
    return dashboard.DatasourceVariable(name).label(shown).type(kind)


def _one_value(name: str, shown: str, series: str, label: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(shown)
        .datasource(DATA_SOURCE)
        .query(f"label_values({series}, {label})")
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )


def _values(name: str, shown: str, series: str, label: str) -> VariableBuilder:
    return _one_value(name, shown, series, label).multi(True).include_all(True).all_value(EVERYTHING).current(ALL)
