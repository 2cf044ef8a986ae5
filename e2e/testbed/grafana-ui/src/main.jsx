// Draws a board that is given to it, with what its queries answered: it asks nobody. For a test or a picture, through
// `window.drawn(...)`.
import { createTheme, dateTime, FieldType, formattedValueToString, getDisplayProcessor, getValueFormats, ThemeContext } from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import { createRoot } from 'react-dom/client';

import { Board } from './board.jsx';
import { framesOf } from './frames.js';
import './registries.js';

const root = createRoot(document.getElementById('root'));

// Resolves when all panels have got their data and the browser has painted them.
window.drawn = async ({ board, mode, from, to, step, answers, variables }) => {
  const theme = createTheme({ colors: { mode } });
  const range = { from: dateTime(from), to: dateTime(to), raw: { from: 'now-1h', to: 'now' } };
  const panels = await Promise.all(
    board.panels.map(async (panel) => ({
      panel,
      frames: panel.type === 'row' ? [] : await framesOf(panel, answers[panel.id] ?? [], { step, theme }),
    })),
  );
  document.body.style.background = theme.colors.background.canvas;
  root.render(<Fonts theme={theme} />);
  await Promise.all(['400', '500'].map((weight) => document.fonts.load(`${weight} 12px Inter`, 'a')));
  root.render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Board key={`${board.uid} ${mode}`} board={board} panels={panels} range={range} theme={theme} variables={variables} />
    </ThemeContext.Provider>,
  );
  for (let frame = 0; frame < 5; frame++) await new Promise((painted) => requestAnimationFrame(painted));
};

// Widths of texts are measured as soon as a panel is there: its typeface has to be there first.
const Fonts = ({ theme }) => (
  <ThemeContext.Provider value={theme}>
    <GlobalStyles />
  </ThemeContext.Provider>
);

// What Grafana writes for a value, the ids of all units that it knows, and what a name of a colour is.
window.written = ({ unit, value }) => {
  const field = { name: 'Value', type: FieldType.number, config: { unit }, values: [value] };
  return formattedValueToString(getDisplayProcessor({ field, theme: createTheme() })(value));
};
window.units = () => getValueFormats().flatMap((group) => group.submenu.map((unit) => unit.value));
window.colour = ({ mode, name }) => createTheme({ colors: { mode } }).visualization.getColorByName(name);
