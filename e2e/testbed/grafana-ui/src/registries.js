// What Grafana's own program registers when it starts: how a field may be configured, and how frames are transformed.
import {
  displayNameOverrideProcessor,
  identityOverrideProcessor,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
} from '@grafana/data';

const STANDARD = [
  'unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'thresholds', 'mappings', 'links', 'color', 'fieldMinMax',
];
const OF_TEXT = { displayName: { process: displayNameOverrideProcessor, settings: { expandTemplateVars: true } } };
const CUSTOM = {
  align: 'auto',
  axisPlacement: 'auto',
  axisSoftMax: undefined,
  cellOptions: { type: 'auto' },
  drawStyle: 'line',
  fillOpacity: 0,
  gradientMode: 'none',
  hideFrom: { legend: false, tooltip: false, viz: false },
  inspect: false,
  lineInterpolation: 'linear',
  lineWidth: 1,
  minWidth: undefined,
  pointSize: 5,
  scaleDistribution: { type: 'linear' },
  showPoints: 'auto',
  spanNulls: false,
  stacking: { mode: 'none', group: 'A' },
  thresholdsStyle: { mode: 'off' },
  width: undefined,
};

const option = (id, path, more) => ({
  id,
  path,
  name: id,
  editor: () => null,
  override: () => null,
  process: identityOverrideProcessor,
  shouldApply: () => true,
  ...more,
});

standardEditorsRegistry.setInit(() => []);
standardFieldConfigEditorRegistry.setInit(() => [
  ...STANDARD.map((id) => option(id, id, OF_TEXT[id] ?? {})),
  ...Object.entries(CUSTOM).map(([id, defaultValue]) => option(`custom.${id}`, id, { isCustom: true, defaultValue })),
]);
// One of them stands in the package under two names.
const transformations = new Set(Object.values(standardTransformers));
standardTransformersRegistry.setInit(() =>
  [...transformations].map((each) => ({ id: each.id, name: each.name, transformation: async () => each, editor: () => null })),
);
