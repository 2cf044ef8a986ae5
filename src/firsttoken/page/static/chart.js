// Charts. The server gives the rules of each by its name; the points are the view's, and the colours those of the page.

const LEGEND_COLUMN_PX = 150;
// Of Vega's levels. That a legend has room for some of many models is nothing to complain about.
const ERRORS_ALONE = 1;
export const DATA = "points";
let bundle = null;
const charts = new WeakMap();

// The chart that is drawn in an element.
export function chartIn(element) {
  return charts.get(element);
}

export class Chart {
  #element;
  #rules;
  #points = [];
  #coloured = [];
  #view = null;
  #drawing = Promise.resolve();
  #clicked = () => {};

  // Draws nothing before it has points: without one there are no axes.
  constructor(element, name) {
    this.#element = element;
    charts.set(element, this);
    bundle ??= loadScript("/chart/vega.js");
    this.#rules = loadRules(`/chart/${name}.json`);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  // What is done with the point whose mark somebody clicks on.
  onClick(handler) {
    this.#clicked = handler;
  }

  // All points, as plain objects. Resolves when they are drawn. `coloured` are names in the order of the colours that they
  // have, also in other charts; without it those of the points have them, in alphabetical order.
  show(points, coloured = []) {
    this.#points = points;
    this.#coloured = coloured;
    if (this.#view === null) {
      return this.#redraw();
    }
    return this.#view.data(DATA, this.#copies()).runAsync();
  }

  // What is seen, as a canvas of so many times its size; null while nothing is drawn.
  async canvas(scale) {
    return this.#view === null ? null : this.#view.toCanvas(scale);
  }

  // One drawing at a time: two would share the place.
  #redraw() {
    this.#drawing = this.#drawing.then(() => this.#draw());
    return this.#drawing;
  }

  async #draw() {
    const rules = await this.#rules;
    await bundle;
    if (this.#points.length === 0) {
      return;
    }
    const drawn = await window.vegaEmbed(this.#element, { ...rules, datasets: { [DATA]: this.#copies() } }, this.#options());
    this.#view = drawn.view;
    this.#view.addEventListener("click", (event, item) => {
      if (item?.datum !== undefined) {
        this.#clicked(item.datum);
      }
    });
  }

  #options() {
    const names = new Set(this.#points.map((point) => point.name));
    const places = [...names].sort().map((name) => this.#coloured.indexOf(name));
    return options(this.#element, this.#coloured.length === 0 ? null : places);
  }

  // Vega writes into what it is given.
  #copies() {
    return this.#points.map((point) => ({ ...point }));
  }
}

async function loadRules(address) {
  const answer = await fetch(address);
  if (!answer.ok) {
    throw new Error(`${address} did not come: ${answer.status}`);
  }
  return answer.json();
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error(`${address} did not come`)));
    document.head.append(script);
  });
}

// The interpreter (ast) takes the place of generated functions, which the content security policy forbids.
function options(element, places) {
  return {
    mode: "vega-lite",
    ast: true,
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    logLevel: ERRORS_ALONE,
    config: colours(element, places),
  };
}

// `places` are those of the colours of names, in their alphabetical order; null where they follow it.
function colours(element, places) {
  const style = window.getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const coloursOf = (name, count) => Array.from({ length: count }, (_, index) => colour(`${name}-${index + 1}`));
  const series = coloursOf("series", 8);
  return {
    background: "transparent",
    font: window.getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: {
      domainColor: colour("line"),
      gridColor: colour("line-soft"),
      tickColor: colour("line"),
      labelColor: colour("quiet"),
      titleColor: colour("quiet"),
      titleFontWeight: "normal",
      labelFontSize: 11,
      titleFontSize: 11,
    },
    legend: {
      columns: Math.max(1, Math.floor(element.clientWidth / LEGEND_COLUMN_PX)),
      labelColor: colour("text"),
      labelFontSize: 11.5,
      labelLimit: LEGEND_COLUMN_PX - 25,
    },
    range: {
      category: places === null ? series : places.map((place) => series[place]),
      ordinal: coloursOf("tone", 4),
      heatmap: coloursOf("heat", 5),
      ramp: coloursOf("heat", 5),
    },
  };
}
