// A board as Grafana lays it out: rows, and panels in a grid of 24 columns.
import { PanelChrome } from '@grafana/ui';

import { Heat } from './heat.jsx';
import { Figures, Lines, NothingToShow, Rows } from './panels.jsx';

const COLUMN = 54;
const ROW = 38;
const GAP = 8;
const TOP = 100;
const FIRST_LINE = 9;
// Grafana 13's own sizes of a screen of 1,300 pixels, and how many variables stand side by side there.

const KINDS = { timeseries: Lines, stat: Figures, table: Rows, heatmap: Heat };
// Traces and logs are drawn by Grafana's program alone: none of its packages has them.

export function Board({ board, panels, range, theme, variables }) {
  const bottom = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const width = 24 * COLUMN + GAP;
  const top = variables.length > FIRST_LINE ? TOP + ROW : TOP;
  return (
    <div id="board" style={{ position: 'relative', width, height: top + bottom * ROW + GAP, color: theme.colors.text.primary }}>
      <div style={{ padding: GAP, fontSize: 18 }}>{board.title}</div>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: GAP, padding: GAP }}>
        {variables.map(([name, value]) => (
          <Chosen key={name} name={name} value={value} theme={theme} />
        ))}
      </div>
      {panels.map(({ panel, frames }) =>
        panel.type === 'row' ? (
          <div key={panel.id} style={{ ...placed(panel, top), fontWeight: 500, padding: 8 }}>⌄ {panel.title}</div>
        ) : (
          <div key={panel.id} data-panel={panel.id} data-frames={frames.length} style={placed(panel, top)}>
            <PanelChrome title={panel.title} description={panel.description} width={panel.gridPos.w * COLUMN - GAP} height={panel.gridPos.h * ROW - GAP}>
              {(width, height) => <Drawn panel={panel} frames={frames} range={range} theme={theme} width={width} height={height} />}
            </PanelChrome>
          </div>
        ),
      )}
    </div>
  );
}

function Drawn(props) {
  const Kind = KINDS[props.panel.type] ?? NothingToShow;
  return <Kind {...props} />;
}

const placed = ({ gridPos: { x, y } }, top) => ({ position: 'absolute', left: GAP + x * COLUMN, top: top + y * ROW });

const Chosen = ({ name, value, theme }) => (
  <div style={{ display: 'flex', fontSize: 12, whiteSpace: 'nowrap', border: `1px solid ${theme.colors.border.medium}`, borderRadius: 2 }}>
    <span style={{ padding: '6px 8px', background: theme.colors.background.secondary }}>{name}</span>
    <span style={{ padding: '6px 8px', background: theme.colors.background.primary, minWidth: 60 }}>{value}</span>
  </div>
);
