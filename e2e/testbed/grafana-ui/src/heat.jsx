// The nearest to Grafana's heat map, which is in none of its packages: its axes, scale of colours and plot, and cells of
// our own.
import { formattedValueToString, getValueFormat } from '@grafana/data';
import { AxisPlacement, ScaleDirection, ScaleOrientation, UPlotChart, UPlotConfigBuilder } from '@grafana/ui';
import { interpolateOranges } from 'd3-scale-chromatic';
import { useMemo } from 'react';

import { NothingToShow } from './panels.jsx';

export function Heat(props) {
  const { panel, frames, range, theme, width, height } = props;
  const plot = useMemo(() => frames.length && plotOf(panel, frames, range, theme), [frames]);
  if (!plot) return <NothingToShow {...props} />;
  return <UPlotChart data={plot.data} config={plot.config} width={width} height={height} timeRange={range} />;
}

function plotOf(panel, frames, range, theme) {
  const config = new UPlotConfigBuilder('utc');
  const [times, ...buckets] = frames[0].fields;
  const bounds = buckets.map(({ name }) => name);
  config.addScale({
    scaleKey: 'x', isTime: true, orientation: ScaleOrientation.Horizontal, direction: ScaleDirection.Right,
    range: () => [range.from.valueOf(), range.to.valueOf()],
  });
  config.addScale({
    scaleKey: 'y', isTime: false, orientation: ScaleOrientation.Vertical, direction: ScaleDirection.Up,
    range: () => [0, bounds.length],
  });
  config.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, timeZone: 'utc', theme });
  config.addAxis({
    scaleKey: 'y',
    placement: AxisPlacement.Left,
    theme,
    splits: () => bounds.map((_, index) => index + 1),
    values: (_, splits) => splits.map((split) => (split % 2 ? null : written(panel, bounds[split - 1]))),
  });
  config.addHook('drawClear', (plot) => paint(plot, times, buckets, panel.options.color, theme));
  return { config, data: [[range.from.valueOf(), range.to.valueOf()]] };
}

const written = (panel, bound) =>
  bound === '+Inf' ? bound : formattedValueToString(getValueFormat(panel.options.yAxis?.unit ?? 's')(Number(bound)));

function paint(plot, times, buckets, { exponent, steps }, theme) {
  const most = Math.max(...buckets.flatMap(({ values }) => values));
  const x = (time) => plot.valToPos(time, 'x', true);
  buckets.forEach(({ values }, row) => {
    const [top, bottom] = [plot.valToPos(row + 1, 'y', true), plot.valToPos(row, 'y', true)];
    times.values.forEach((time, index) => {
      if (!(values[index] > 0)) return;
      const heat = Math.round((values[index] / most) ** exponent * steps) / steps;
      const left = x(time - times.config.interval);
      plot.ctx.fillStyle = interpolateOranges(theme.isDark ? 1 - heat : heat);
      plot.ctx.fillRect(left, top, Math.max(1, x(time) - left), bottom - top);
    });
  });
}
