// Draws a stretch of a stream on a canvas: how fast it came, how long each chunk was waited for, and what came when.

import { duration, level } from "./timeline_data.js";

const LANES = { rate: [4, 52], waits: [62, 132], arrivals: [138, 150], axis: [150, 172] };
export const PLOT_HEIGHT = LANES.axis[1];
export const WHOLE_HEIGHT = 26;
const RATE_COLUMN_PX = 6;
const LEAST_STEM_PX = 2;
const SHORTEST_WAIT_MS = 1;
const TICK_PX = 110;
const STEPS = [1, 2, 5];
const CONTENT_COLOURS = ["--end", "--generating", "--series-4", "--series-2"];

export function colours() {
  const style = window.getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    text: colour("--text"),
    quiet: colour("--quiet"),
    line: colour("--line"),
    soft: colour("--line-soft"),
    rate: colour("--generating"),
    focus: colour("--focus"),
    waits: [0, 1, 2, 3, 4].map((each) => colour(`--wait-${each}`)),
    contents: CONTENT_COLOURS.map(colour),
    font: `11px ${window.getComputedStyle(document.body).fontFamily}`,
  };
}

// The context of a canvas that is as wide as its place, sharp on every screen.
export function prepared(canvas, height) {
  const width = canvas.clientWidth;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width };
}

export function drawPlot(canvas, chunks, view, cursor, palette) {
  const { context, width } = prepared(canvas, PLOT_HEIGHT);
  if (width === 0) {
    return;
  }
  const columns = chunks.columns(view.from, view.until, width);
  const x = (ms) => ((ms - view.from) / (view.until - view.from)) * width;
  context.font = palette.font;
  drawAxis(context, view, x, width, palette);
  drawRate(context, chunks, view, width, palette);
  drawWaits(context, chunks, columns, view, x, palette);
  drawArrivals(context, columns, palette);
  if (cursor !== null) {
    drawCursor(context, x(chunks.arrived[cursor]), palette);
  }
}

// The whole stream in little, with the stretch that is shown. What is large here is large: no logarithm.
export function drawWhole(canvas, chunks, whole, view, palette) {
  const { context, width } = prepared(canvas, WHOLE_HEIGHT);
  if (width === 0) {
    return;
  }
  const columns = chunks.columns(whole.from, whole.until, width);
  const tallest = columns.longest.reduce((most, each) => Math.max(most, each), SHORTEST_WAIT_MS);
  for (let column = 0; column < width; column += 1) {
    if (columns.chunk[column] !== -1) {
      const height = Math.max(LEAST_STEM_PX, (columns.longest[column] / tallest) * (WHOLE_HEIGHT - 4));
      context.fillStyle = palette.waits[level(columns.longest[column])];
      context.fillRect(column, WHOLE_HEIGHT - 2 - height, 1, height);
    }
  }
  const scale = width / (whole.until - whole.from);
  const left = (view.from - whole.from) * scale;
  context.strokeStyle = palette.focus;
  context.lineWidth = 1.5;
  context.strokeRect(left + 0.75, 0.75, Math.max((view.until - view.from) * scale - 1.5, 3), WHOLE_HEIGHT - 1.5);
}

function drawAxis(context, view, x, width, palette) {
  const [top, bottom] = LANES.axis;
  const step = roundStep(((view.until - view.from) * TICK_PX) / width);
  context.textBaseline = "bottom";
  for (let ms = Math.ceil(view.from / step) * step; ms <= view.until; ms += step) {
    const at = Math.round(x(ms)) + 0.5;
    context.strokeStyle = palette.soft;
    line(context, at, LANES.rate[0], at, top);
    const words = moment(ms, step);
    context.fillStyle = palette.quiet;
    context.textAlign = at < 20 ? "left" : at > width - 30 ? "right" : "center";
    context.fillText(words, at, bottom);
  }
}

function moment(ms, step) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step / 1000)));
  return `${(ms / 1000).toFixed(Math.min(digits, 6))} s`;
}

function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [...STEPS, 10].map((each) => each * power).find((each) => each >= least);
}

function drawRate(context, chunks, view, width, palette) {
  const [top, bottom] = LANES.rate;
  const count = Math.max(1, Math.floor(width / RATE_COLUMN_PX));
  const amounts = chunks.columns(view.from, view.until, count).amount;
  const perSecond = (1000 * count) / (view.until - view.from);
  const most = amounts.reduce((tallest, each) => Math.max(tallest, each), 0);
  if (most === 0) {
    return;
  }
  context.fillStyle = palette.rate;
  context.globalAlpha = 0.35;
  amounts.forEach((amount, column) => {
    const height = (amount / most) * (bottom - top);
    context.fillRect((column * width) / count, bottom - height, width / count, height);
  });
  context.globalAlpha = 1;
  const unit = chunks.lengths === null ? "chunks/s" : "characters/s";
  label(context, `up to ${Math.round(most * perSecond).toLocaleString("en")} ${unit}`, top, palette);
}

function drawWaits(context, chunks, columns, view, x, palette) {
  const [top, bottom] = LANES.waits;
  const tallest = columns.longest.reduce((most, each) => Math.max(most, each), SHORTEST_WAIT_MS);
  columns.chunk.forEach((chunk, column) => {
    if (chunk === -1) {
      return;
    }
    const waited = columns.longest[column];
    const height = stem(waited, tallest, bottom - top);
    const began = Math.max(x(chunks.arrived[chunk] - waited), 0);
    context.fillStyle = palette.waits[level(waited)];
    context.globalAlpha = 0.18;
    context.fillRect(began, bottom - height, Math.max(column - began, 0), height);
    context.globalAlpha = 1;
    context.fillRect(column, bottom - height, 1.5, height);
  });
  label(context, `waits up to ${duration(tallest)}`, top, palette);
}

// Logarithmic: a wait of a second stands beside those of milliseconds, and all can be seen.
function stem(waited, tallest, height) {
  const share = Math.log1p(waited / SHORTEST_WAIT_MS) / Math.log1p(tallest / SHORTEST_WAIT_MS);
  return Math.max(LEAST_STEM_PX, share * height);
}

function drawArrivals(context, columns, palette) {
  const [top, bottom] = LANES.arrivals;
  columns.chunk.forEach((chunk, column) => {
    if (chunk !== -1) {
      context.fillStyle = palette.contents[columns.content[column]] ?? palette.contents[0];
      context.fillRect(column, top, 1, bottom - top);
    }
  });
}

function drawCursor(context, at, palette) {
  context.strokeStyle = palette.text;
  context.lineWidth = 1;
  line(context, Math.round(at) + 0.5, 0, Math.round(at) + 0.5, LANES.axis[0]);
}

function label(context, words, top, palette) {
  context.fillStyle = palette.quiet;
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(words, 0, top - 2);
}

function line(context, fromX, fromY, toX, toY) {
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
  context.stroke();
}
