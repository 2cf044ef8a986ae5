// The list of calls, kept up to date. Every piece of HTML here was rendered, and escaped, by the server.

import { addPoints, startChart } from "./chart.js";

const RETURN_DELAY_MS = 1000;
const body = document.getElementById("calls");
const limit = Number(body.dataset.limit);

function follow() {
  const source = new EventSource("/events" + window.location.search);
  source.addEventListener("open", () => showState("live"));
  source.addEventListener("calls", (event) => take(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    showState("lost");
    if (source.readyState === EventSource.CLOSED) {
      window.setTimeout(follow, RETURN_DELAY_MS);
    }
  });
}

const STATE_WORDS = { live: "live", lost: "server not reachable, trying again" };

function showState(state) {
  const element = document.getElementById("live");
  if (element.dataset.state !== state) {
    element.dataset.state = state;
    element.textContent = STATE_WORDS[state];
  }
}

function take(news) {
  document.getElementById("totals").innerHTML = news.totals;
  document.getElementById("models").innerHTML = news.models;
  const known = new Map(Array.from(body.rows, (row) => [row.dataset.key, row]));
  const added = news.rows.filter((row) => !known.has(row.key));
  for (const row of added) {
    insert(rowFrom(row.html));
  }
  while (body.rows.length > limit) {
    body.rows[body.rows.length - 1].remove();
  }
  document.getElementById("empty").hidden = body.rows.length > 0;
  document.getElementById("filled").hidden = body.rows.length === 0;
  pointToOlder(news.older);
  shareScale(news.scale);
  addPoints(news.points);
  if (added.length > 0) {
    document.getElementById("news").textContent = `${added.length} new ${added.length === 1 ? "call" : "calls"}`;
  }
}

function rowFrom(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const row = template.content.querySelector("tr");
  row.classList.add("fresh");
  return row;
}

function insert(row) {
  const started = BigInt(row.dataset.started);
  const next = Array.from(body.rows).find((other) => BigInt(other.dataset.started) <= started);
  body.insertBefore(row, next ?? null);
}

function pointToOlder(address) {
  const link = document.getElementById("older");
  link.hidden = address === null;
  link.href = address ?? "";
}

// Every bar is drawn in milliseconds; the common scale is the width of its view box.
function shareScale(scale) {
  document.getElementById("scale").textContent = scale.words;
  for (const row of body.rows) {
    const bar = row.querySelector("svg.bar");
    bar.setAttribute("viewBox", `0 0 ${scale.ms} 10`);
    bar.classList.toggle("longer", Number(row.dataset.total) > scale.ms);
  }
}

startChart(document.getElementById("chart"));
follow();
