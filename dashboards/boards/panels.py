"""The kinds of panel that a board is made of, and how each says that there is nothing to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import common, dashboard, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    DataSourceRef,
    GraphThresholdsStyleMode,
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
    FieldColorModeId,
    Panel,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode, HeatmapColorScale
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from boards.links import Link

PanelBuilder = Builder[Panel]

DATA_SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
REFERENCES: Final = "ABCDEFGH"
"""Names of the queries of one panel, in order."""

EXPORTED_EVERY: Final = "1m"
"""How often OpenTelemetry SDKs tell of their metrics unless told otherwise. Grafana works `$__rate_interval`
out from it; with its own 15 seconds it asks for rates over a minute, in which there is one value, and no rate."""

FIGURE_HEIGHT: Final = 4
LINES_HEIGHT: Final = 10
"""Leaves room for a legend of several models below the lines."""


A_MINUTE: Final = "count:/min"
"""The unit of so many in a minute. Of what, the title says: a legend has no room for it."""

LEAST_TOP: Final = {"percentunit": 0.01, "none": 1.0, "s": 0.1}
"""By unit, up to where an axis goes at least: one of nothing but zeros would go up to 10,000 %."""

UNKNOWN: Final = "\N{EN DASH}"
"""In a cell without a value, where Grafana would write what an empty panel says."""

CURRENCY_HEAD: Final = "currency"
"""The column of amounts that are not to be compared."""

LEAST_COLUMN_PX: Final = 80
"""Grafana's own is 150, with which a table of ten columns hides the last one, by which it is sorted."""

COLUMN_PX: Final = {"time": 160, "provider": 90, "model": 165}
"""By head, of what has about the same length in every row. The others share what these leave."""

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
class Limits:
    """From where on a value is worth a look, and from where on it is bad."""

    warn: float
    bad: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How a panel is drawn, apart from what it says."""

    width: int = 12
    """Of 24."""
    stacked: bool = False
    exemplars: bool = False
    below_zero: bool = False
    limits: Limits | None = None
    link: Link | None = None


PLAIN: Final = Look()
SMALL: Final = Look(width=4)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the label or query it comes from, its head and its unit."""

    source: str
    head: str
    unit: str = "string"
    link: Link | None = None


def lines(words: Words, unit: str, *queries: Query, look: Look = PLAIN) -> timeseries.Panel:
    """Values over time, each with a link to what it was made of."""
    panel = empty_lines(words, unit, look).datasource(DATA_SOURCE)
    for query, name in zip(queries, REFERENCES, strict=False):
        panel = panel.with_target(_target(query, name).range().exemplar(look.exemplars))
    return panel


def empty_lines(words: Words, unit: str, look: Look = PLAIN) -> timeseries.Panel:
    """Without a query."""
    panel = (
        timeseries.Panel()
        .title(words.title)
        .description(words.description)
        .no_value(words.empty)
        .unit(unit)
        .span(look.width)
        .height(LINES_HEIGHT)
        .line_width(1)
        .color_scheme(dashboard.FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))
        .thresholds(_thresholds(look.limits))
        .fill_opacity(25 if look.stacked else 0)
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
    if unit in LEAST_TOP:
        panel = panel.axis_soft_max(LEAST_TOP[unit])
    if not look.below_zero:
        panel = panel.min(0)
    if look.limits is not None:
        panel = panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    if look.link is not None:
        panel = panel.data_links([_data_link(look.link)])
    if look.stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return panel


def heat(words: Words, query: Query, width: int = 12) -> heatmap.Panel:
    """How many values of a histogram came into each bucket over time."""
    return (
        heatmap.Panel()
        .title(words.title)
        .description(words.description)
        .no_value(words.empty)
        .datasource(DATA_SOURCE)
        .span(width)
        .height(LINES_HEIGHT)
        .calculate(False)
        .color(
            heatmap.HeatmapColorOptions()
            .mode(HeatmapColorMode.SCHEME)
            .scheme("Oranges")
            .scale(HeatmapColorScale.EXPONENTIAL)
            .exponent(0.5)
            .steps(64)
        )
        .y_axis(heatmap.YAxisConfig().unit("s"))
        .unit("s")
        .show_legend()
        .with_target(_target(query, "A").range().exemplar(True).format(PromQueryFormat.HEATMAP))
    )


def figure(words: Words, unit: str, *queries: Query, look: Look = SMALL) -> stat.Panel:
    """One number over the whole time range for each line of the result."""
    panel = empty_figure(words, unit, look).datasource(DATA_SOURCE)
    if any(query.legend for query in queries):
        panel = panel.text_mode(BigValueTextMode.VALUE_AND_NAME)  # Else a currency is told only beside another.
    for query, name in zip(queries, REFERENCES, strict=False):
        panel = panel.with_target(_target(query, name).instant())
    return panel


def empty_figure(words: Words, unit: str, look: Look = SMALL) -> stat.Panel:
    """Without a query."""
    panel = (
        stat.Panel()
        .title(words.title)
        .description(words.description)
        .no_value(words.empty)
        .unit(unit)
        .span(look.width)
        .height(FIGURE_HEIGHT)
        .graph_mode(BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.NONE if look.limits is None else BigValueColorMode.VALUE)
        .thresholds(_thresholds(look.limits))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
    )
    if not look.below_zero:
        panel = panel.min(0)
    if look.link is not None:
        panel = panel.data_links([_data_link(look.link)])
    return panel


def rows(words: Words, columns: tuple[Column, ...], *queries: Query, width: int = 12) -> table.Panel:
    """One row per set of labels; the results of the queries are columns `Value #A`, `Value #B` and so on.

    Where only one query has a result, Grafana calls its column `Value`: only the first one is ever alone.
    """
    places = {column.source: (index, column.head) for index, column in enumerate(columns)}
    places["Value"] = places["Value #A"]
    panel = (
        empty_rows(words, columns, width)
        .datasource(DATA_SOURCE)
        .with_transformation(DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(
            DataTransformerConfig(
                id_val="organize",
                options={
                    "excludeByName": {"Time": True},
                    "indexByName": {source: index for source, (index, _) in places.items()},
                    "renameByName": {source: head for source, (_, head) in places.items()},
                },
            )
        )
    )
    for query, name in zip(queries, REFERENCES, strict=False):
        panel = panel.with_target(_target(query, name).instant().format(PromQueryFormat.TABLE))
    return panel


def empty_rows(words: Words, columns: tuple[Column, ...], width: int = 12) -> table.Panel:
    """Without a query. The last column is what the rows are sorted by, within a currency where there are several.

    Currencies go from Z to A, so that what has none comes last.
    """
    heads = [column.head for column in columns]
    by_currency = [common.TableSortByFieldState().display_name(CURRENCY_HEAD).desc(True)]
    panel = (
        table.Panel()
        .title(words.title)
        .description(words.description)
        .no_value(words.empty)
        .span(width)
        .height(LINES_HEIGHT)
        .min_width(LEAST_COLUMN_PX)
        .sort_by(
            [
                *(by_currency if CURRENCY_HEAD in heads else ()),
                common.TableSortByFieldState().display_name(heads[-1]).desc(True),
            ]
        )
    )
    for column in columns:
        properties = [
            DynamicConfigValue(id_val="unit", value=column.unit),
            DynamicConfigValue(id_val="noValue", value=UNKNOWN),
        ]
        if column.link is not None:
            url = {"title": column.link.title, "url": column.link.url}
            properties.append(DynamicConfigValue(id_val="links", value=[url]))
        if column.head in COLUMN_PX:
            properties.append(DynamicConfigValue(id_val="custom.width", value=COLUMN_PX[column.head]))
        panel = panel.override_by_name(column.head, properties)
    return panel


def _target(query: Query, reference: str) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .expr(query.expression)
        .legend_format(query.legend)
        .ref_id(reference)
        .interval(EXPORTED_EVERY)
        .datasource(DATA_SOURCE)
    )


def _thresholds(limits: Limits | None) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color="green")]
    if limits is not None:
        steps.append(Threshold(value=limits.warn, color="orange"))
        if limits.bad is not None:
            steps.append(Threshold(value=limits.bad, color="red"))
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def _data_link(link: Link) -> dashboard.DashboardLink:
    return dashboard.DashboardLink(link.title).url(link.url)
