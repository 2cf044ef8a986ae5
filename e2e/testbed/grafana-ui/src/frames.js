// What a data source answered -> the frames that Grafana's own data source makes of it, ready to be drawn.
import { applyFieldOverrides, cacheFieldDisplayNames, FieldType, toDataFrame, transformDataFrame } from '@grafana/data';
import { transformV2 } from 'prometheus-results';
import { lastValueFrom } from 'rxjs';

// `answers` has one for each query: what Prometheus's API gave in `result`, or columns of another store in `columns`.
export async function framesOf(panel, answers, { step, theme }) {
  const told = answers.flatMap((answer) => (answer.columns ? ofColumns(panel, answer) : ofPrometheus(panel, answer, step)));
  const made = transformV2({ data: told }, { targets: panel.targets ?? [] }, {}).data;
  const frames = await lastValueFrom(transformDataFrame(panel.transformations ?? [], made));
  const drawn = applyFieldOverrides({
    data: frames, fieldConfig: panel.fieldConfig, replaceVariables: withLabels, theme, timeZone: 'utc',
  });
  cacheFieldDisplayNames(drawn);
  return drawn;
}

const withLabels = (text, scoped) =>
  text.replace(/\$\{__field\.labels\.(\w+)\}/g, (_, name) => scoped.__dataContext.value.field.labels?.[name] ?? '');

// As Grafana's server passes it on: a frame for each series, and one for the exemplars of a query.
function ofPrometheus({ targets }, { refId, result, exemplars }, step) {
  const { legendFormat, format } = targets.find((target) => target.refId === refId);
  const series = result.map(({ metric, values, value }) => {
    const config = { displayNameFromDS: named(legendFormat, metric) || undefined };
    return frameOf(refId, gapless(values ?? [value], step, format), { config, labels: metric }, step);
  });
  if (!exemplars?.length) return series;
  const dots = frameOf(refId, exemplars.map(({ timestamp, value }) => [timestamp, value]), {}, step);
  return [...series, { ...dots, name: 'exemplar', meta: { custom: { resultType: 'exemplar' } } }];
}

const frameOf = (refId, points, value, step) =>
  toDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, config: { interval: step * 1000 }, values: points.map(([at]) => at * 1000) },
      { name: 'Value', type: FieldType.number, config: {}, ...value, values: points.map(([, number]) => (number === null ? null : Number(number))) },
    ],
  });

// Grafana puts nothing where a value is missing between others, so that no line is drawn over it.
function gapless(points, step, format) {
  if (format !== undefined && format !== 'time_series') return points;
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    return before && point[0] - before[0] > 1.5 * step ? [[before[0] + step, null], point] : [point];
  });
}

const named = (format, labels) => (format ?? '').replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, name) => labels[name] ?? '');

// As Grafana's plugin for ClickHouse: a column of times, columns of text as labels, and a line for each number.
function ofColumns({ type }, { refId, columns }) {
  const rows = Array.from(columns[0]?.values ?? [], (_, row) => row);
  if (!rows.length) return [];
  const texts = columns.filter((column) => column.type === 'string');
  if (type !== 'timeseries' || !texts.length) return [toDataFrame({ refId, fields: columns.map((column) => ({ config: {}, ...column })) })];
  const of = (column, chosen) => ({ config: {}, ...column, values: chosen.map((row) => column.values[row]) });
  const time = columns.find((column) => column.type === 'time');
  const groups = Map.groupBy(rows, (row) => JSON.stringify(texts.map(({ values }) => values[row])));
  return [...groups.values()].flatMap((chosen) => {
    const labels = Object.fromEntries(texts.map(({ name, values }) => [name, values[chosen[0]]]));
    const numbers = columns.filter((column) => column.type === 'number');
    return numbers.map((number) => toDataFrame({ refId, fields: [of(time, chosen), { ...of(number, chosen), labels }] }));
  });
}
