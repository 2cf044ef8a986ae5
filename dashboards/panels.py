"""The kinds of panel that a board is made of, and how each says that there is nothing to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    DataSourceRef,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATA_SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
REFERENCES: Final = "ABCDEFGH"
"""Names of the queries of one panel, in order."""

LINES_HEIGHT: Final = 10
"""Leaves room for a legend of several models below the lines."""

LEGEND_VALUES: Final = ["mean", "max", "lastNotNull"]


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression and the name of its lines."""

    expression: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What a panel says about itself. `empty` is shown where there is no data, and says which data that would be."""

    title: str
    description: str
    empty: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the label or query it comes from, its head and its unit."""

    source: str
    head: str
    unit: str = "string"


def lines(
    words: Words, unit: str, *queries: Query, exemplars: bool = False, stacked: bool = False, width: int = 12
) -> timeseries.Panel:
    """Values over time."""
    panel = (
        timeseries.Panel()
        .title(words.title)
        .description(words.description)
        .no_value(words.empty)
        .datasource(DATA_SOURCE)
        .unit(unit)
        .min(0)
        .span(width)
        .height(LINES_HEIGHT)
        .line_width(1)
        .fill_opacity(25 if stacked else 0)
        .show_points(VisibilityMode.AUTO)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.TABLE)
            .placement(LegendPlacement.BOTTOM)
            .calcs(LEGEND_VALUES)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    for query, name in zip(queries, REFERENCES, strict=False):
        panel = panel.with_target(_target(query, name).range().exemplar(exemplars))
    return panel


def figure(words: Words, unit: str, *queries: Query, warn_above: float | None = None) -> stat.Panel:
    """One number over the whole time range for each line of the result."""
    panel = (
        stat.Panel()
        .title(words.title)
        .description(words.description)
        .no_value(words.empty)
        .datasource(DATA_SOURCE)
        .unit(unit)
        .min(0)
        .span(3)
        .height(4)
        .graph_mode(BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.NONE if warn_above is None else BigValueColorMode.VALUE)
        .thresholds(_thresholds(warn_above))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    )
    for query, name in zip(queries, REFERENCES, strict=False):
        panel = panel.with_target(_target(query, name).instant())
    return panel


def rows(words: Words, columns: tuple[Column, ...], *queries: Query, width: int = 12) -> table.Panel:
    """One row per set of labels; the results of the queries are columns `Value #A`, `Value #B` and so on."""
    panel = (
        table.Panel()
        .title(words.title)
        .description(words.description)
        .no_value(words.empty)
        .datasource(DATA_SOURCE)
        .span(width)
        .height(LINES_HEIGHT)
        .with_transformation(DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(
            DataTransformerConfig(
                id_val="organize",
                options={
                    "excludeByName": {"Time": True},
                    "indexByName": {column.source: index for index, column in enumerate(columns)},
                    "renameByName": {column.source: column.head for column in columns},
                },
            )
        )
        .sort_by([common.TableSortByFieldState().display_name(columns[-1].head).desc(True)])
    )
    for column in columns:
        panel = panel.override_by_name(column.head, [DynamicConfigValue(id_val="unit", value=column.unit)])
    for query, name in zip(queries, REFERENCES, strict=False):
        panel = panel.with_target(_target(query, name).instant().format(PromQueryFormat.TABLE))
    return panel


def _target(query: Query, reference: str) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .expr(query.expression)
        .legend_format(query.legend)
        .ref_id(reference)
        .datasource(DATA_SOURCE)
    )


def _thresholds(warn_above: float | None) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color="green")]
    if warn_above is not None:
        steps.append(Threshold(value=warn_above, color="orange"))
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
