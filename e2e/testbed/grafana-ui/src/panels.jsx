// Grafana's panels, out of Grafana's components: what its program does between the data and them.
import { FieldType, getDisplayValueAlignmentFactors, getFieldDisplayValues, VizOrientation } from '@grafana/data';
import { BigValue, EventsCanvas, TimeSeries, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useLayoutEffect, useMemo, useRef } from 'react';

export const NothingToShow = ({ panel, height, theme }) => (
  <div data-empty style={{ height, display: 'flex', alignItems: 'center', justifyContent: 'center', textAlign: 'center', color: theme.colors.text.secondary }}>
    {panel.fieldConfig.defaults.noValue ?? 'No data'}
  </div>
);

export function Lines(props) {
  const { panel, frames, range, width, height } = props;
  const exemplars = useMemo(() => frames.filter(isExemplar), [frames]);
  const lines = useMemo(() => frames.filter((frame) => !isExemplar(frame)), [frames]);
  if (!lines.length) return <NothingToShow {...props} />;
  return (
    <TimeSeries frames={lines} structureRev={1} width={width} height={height} timeRange={range} timeZone="utc" legend={panel.options.legend} options={{}}>
      {(config) => <Exemplars config={config} frames={exemplars} />}
    </TimeSeries>
  );
}

const isExemplar = ({ meta }) => meta?.custom?.resultType === 'exemplar';

// A dot for each exemplar, at its value.
function Exemplars({ config, frames }) {
  const drawn = useRef(null);
  useLayoutEffect(() => {
    config.addHook('init', (plot) => (drawn.current = plot));
  }, [config]);
  const place = ({ fields: [times, values] }, row) => {
    const plot = drawn.current;
    if (!plot) return undefined;
    const scale = Object.keys(plot.scales).at(-1); // Before it stand those that uPlot has whether they are used or not.
    const [x, y] = [plot.valToPos(times.values[row], 'x'), plot.valToPos(values.values[row], scale)];
    return x >= 0 && x <= plot.over.clientWidth && y >= 0 && y <= plot.over.clientHeight ? { x, y } : undefined;
  };
  return <EventsCanvas id="exemplars" config={config} events={frames} renderEventMarker={() => <Dot />} mapEventToXYCoords={place} />;
}

const Dot = () => <div data-exemplar style={{ width: 7, height: 7, transform: 'rotate(45deg)', background: '#5794f2' }} />;

export function Figures({ panel, frames, width, height, theme }) {
  const { fieldConfig, options } = panel;
  const values = getFieldDisplayValues({
    data: frames, fieldConfig, reduceOptions: options.reduceOptions, replaceVariables: (text) => text, theme, timeZone: 'utc',
  });
  return (
    <VizRepeater
      source={frames}
      width={width}
      height={height}
      renderCounter={0}
      itemSpacing={3}
      autoGrid
      orientation={options.orientation ?? VizOrientation.Auto}
      getValues={() => values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width, height, alignmentFactors, count }) => (
        <BigValue
          value={value.display}
          count={count}
          width={width}
          height={height}
          theme={theme}
          alignmentFactors={alignmentFactors}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode ?? 'auto'}
          textMode={options.textMode ?? 'auto'}
          wideLayout
        />
      )}
    />
  );
}

export function Rows(props) {
  const { panel, frames, range, width, height } = props;
  if (!frames.length || !frames[0].length) return <NothingToShow {...props} />;
  const { sortBy, showHeader } = panel.options;
  return (
    <TableNG
      data={frames[0]}
      width={width}
      height={height}
      noHeader={showHeader === false}
      sortBy={sortBy}
      structureRev={1}
      timeRange={range}
      fieldConfig={panel.fieldConfig}
      enableVirtualization={false}
      columnMinWidth={80}
    />
  );
}
