// The chart of time to first token. The server gives its rules; its colours are those of the page.

const LARGEST = 1000;
const LEGEND_COLUMN_PX = 150;
const DATA = "calls";
const points = new Map();
let element = null;
let rules = null;
let view = null;
let drawing = Promise.resolve();

export async function startChart(place) {
  element = place;
  [rules] = await Promise.all([loadRules("/chart/first-token.json"), loadScript("/chart/vega.js")]);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  await draw();
}

export function addPoints(news) {
  for (const point of news) {
    points.set(point.key, point);
  }
  forgetOldest(points.size - LARGEST);
  if (view === null) {
    draw();
  } else if (news.length > 0) {
    view.data(DATA, values()).runAsync();
  }
}

function forgetOldest(surplus) {
  if (surplus > 0) {
    const oldestFirst = values().sort((a, b) => a.started_unix_ms - b.started_unix_ms);
    for (const point of oldestFirst.slice(0, surplus)) {
      points.delete(point.key);
    }
  }
}

function values() {
  return Array.from(points.values(), (point) => ({ ...point }));
}

// One drawing at a time: two would share the place.
function draw() {
  drawing = drawing.then(drawNow);
  return drawing;
}

// Without a point there are no axes to draw.
async function drawNow() {
  if (rules === null || points.size === 0) {
    return;
  }
  const drawn = await window.vegaEmbed(element, { ...rules, datasets: { [DATA]: values() } }, options());
  view = drawn.view;
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
function options() {
  return {
    mode: "vega-lite",
    ast: true,
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    config: colours(),
  };
}

function colours() {
  const style = window.getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
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
    range: { category: Array.from({ length: 8 }, (_, index) => colour(`series-${index + 1}`)) },
  };
}
