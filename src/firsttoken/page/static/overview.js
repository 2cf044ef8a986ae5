// The charts of the overview, and each of them as a table. All words were made by the server.

import { Chart } from "./chart.js";

const answer = load(document.getElementById("overview").dataset.points);
const begun = new Set();

// The script runs while the page is still coming: what has come is drawn at once.
const arriving = new MutationObserver(drawAll);
arriving.observe(document, { childList: true, subtree: true });
document.addEventListener("DOMContentLoaded", () => arriving.disconnect());
drawAll();

async function load(from) {
  const found = await fetch(from);
  if (!found.ok) {
    throw new Error((await found.text()).trim() || `the server answered with ${found.status}`);
  }
  return found.json();
}

function drawAll() {
  for (const element of document.querySelectorAll("[data-chart]")) {
    if (!begun.has(element)) {
      begun.add(element);
      draw(element).catch((error) => say(element, `This chart could not be drawn: ${error.message}`));
    }
  }
}

async function draw(element) {
  const { chart: name, rules } = element.dataset;
  const chart = new Chart(element, rules);
  const drawn = (await answer)[name];
  const meaning = document.querySelector(`[data-meaning="${name}"]`);
  if (drawn.meaning !== "" && meaning !== null) {
    meaning.textContent = drawn.meaning;
  }
  const table = document.querySelector(`[data-table="${name}"]`);
  if (table !== null) {
    table.addEventListener("toggle", () => fill(table, drawn), { once: true });
  }
  if (drawn.marks.some((mark) => mark.href !== null)) {
    await chart.show(drawn.marks, drawn.coloured);
  } else {
    say(element, element.dataset.nothing);
  }
  element.dataset.drawn = "yes";
}

function say(element, words) {
  const said = document.createElement("p");
  said.className = "quiet";
  said.textContent = words;
  element.replaceChildren(said);
}

// A row for each time that has marks, the newest first, and a column for each name.
function fill(details, { marks, names, absent }) {
  const rows = new Map();
  for (const mark of marks) {
    if (mark.href !== null) {
      rows.set(mark.when, (rows.get(mark.when) ?? new Map()).set(mark.name, mark));
    }
  }
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of ["from", ...names]) {
    head.append(cell("th", name, "col"));
  }
  const body = table.createTBody();
  for (const [when, found] of [...rows].reverse()) {
    const row = body.insertRow();
    row.append(cell("th", when, "row"), ...names.map((name) => linked(found.get(name), absent)));
  }
  details.querySelector(".scroll").replaceChildren(table);
}

function cell(kind, words, scope) {
  const made = document.createElement(kind);
  made.textContent = words;
  made.className = scope === "col" && words === "from" ? "" : scope === "row" ? "" : "number";
  if (scope !== undefined) {
    made.scope = scope;
  }
  return made;
}

function linked(mark, absent) {
  const made = cell("td", mark === undefined ? absent : "");
  if (mark !== undefined) {
    const link = document.createElement("a");
    link.href = mark.href;
    link.textContent = mark.words;
    made.append(link);
  }
  return made;
}
