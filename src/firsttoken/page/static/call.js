// The page of one call: its timeline, its keys, what can be copied, long texts in portions, and the search.

import { goTo, onKeys } from "./keys.js";
import { listOf } from "./opened.js";
import { Timeline } from "./timeline.js";

const CHUNK = /^#chunk-(\d+)$/;
const LARGEST_GAP = "#largest-gap";
const COPIED_MS = 2500;
const SEARCH_PAUSE_MS = 120;
let timeline = null;

async function startTimeline() {
  const root = document.getElementById("timeline");
  if (root.dataset.address === undefined) {
    return;
  }
  timeline = await Timeline.open(root);
  followHash();
  if (root.dataset.words !== undefined) {
    await timeline.takeWords(root.dataset.words);
  }
}

function followHash() {
  const hash = window.location.hash;
  const chunk = CHUNK.exec(hash);
  if (timeline === null || (chunk === null && hash !== LARGEST_GAP)) {
    return;
  }
  if (chunk === null) {
    timeline.zoomToLargestGap();
  } else {
    timeline.zoomTo(Number(chunk[1]) - 1);
  }
  timeline.focus();
}

// The links of gaps: a click on the one that the address names already is meant too.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#chunk-"]');
  if (link !== null && link.hash === window.location.hash) {
    followHash();
  }
});
window.addEventListener("hashchange", followHash);

// j and k go through the sections, and through the messages of the conversation.
function step(by) {
  const stops = [...document.querySelectorAll(".stop")];
  const at = stops.findLastIndex((stop) => stop === document.activeElement || stop.contains(document.activeElement));
  const next = stops[Math.min(Math.max(at + by, 0), stops.length - 1)];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "start" });
}

function follow(id) {
  return () => goTo(document.getElementById(id).href);
}

onKeys("j", "Next section or message", () => step(1));
onKeys("k", "Section or message before", () => step(-1));
onKeys("t", "Timeline", () => {
  const root = document.getElementById("timeline");
  if (timeline === null) {
    root.focus();
    root.scrollIntoView({ block: "start" });
  } else {
    timeline.focus();
  }
});
onKeys("n", "Newer call", follow("newer"));
onKeys("o", "Older call", follow("older"));
onKeys("Escape", "Back to its row in the list", () => {
  const { row, place } = document.getElementById("back").dataset;
  goTo(`${listOf(row) ?? place}#${row}`);
});

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", () => copy(button));
}

async function copy(button) {
  let said = "Copied.";
  try {
    await navigator.clipboard.writeText(await textOf(button));
  } catch (error) {
    said = `Not copied: ${error.message}`;
  }
  const status = document.getElementById("copied");
  status.textContent = said;
  window.setTimeout(() => {
    status.textContent = "";
  }, COPIED_MS);
}

async function textOf(button) {
  if (button.dataset.copy !== undefined) {
    return button.dataset.copy;
  }
  const answer = await fetch(button.dataset.copyFrom);
  if (!answer.ok) {
    throw new Error((await answer.text()).trim());
  }
  return answer.text();
}

// A text of megabytes is shown in portions: a browser stands still over one long line.
for (const link of document.querySelectorAll(".long .more a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    showMore(link);
  });
}

async function showMore(link) {
  const place = link.closest(".long");
  const began = place.dataset.next === undefined;
  const answer = await fetch(`${link.href}&from=${place.dataset.next ?? 0}`);
  if (!answer.ok) {
    link.textContent = (await answer.text()).trim();
    return;
  }
  const portion = await answer.json();
  const shown = place.querySelectorAll(".said");
  const last = shown[shown.length - 1];
  if (began) {
    last.textContent = portion.text;
  } else {
    const next = last.cloneNode(false);
    next.textContent = portion.text;
    last.after(next);
  }
  if (portion.next === null) {
    link.parentElement.remove();
    return;
  }
  place.dataset.next = portion.next;
  link.textContent = `Show more: ${portion.next.toLocaleString("en")} of ${portion.length.toLocaleString("en")} characters are shown`;
}

const field = document.getElementById("find");
let waiting = 0;
field.parentElement.hidden = false;
field.addEventListener("input", () => {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(find, SEARCH_PAUSE_MS);
});

function find() {
  const sought = field.value.trim().toLowerCase();
  const entries = [...document.querySelectorAll("table.searched > tbody > tr")];
  let found = 0;
  for (const entry of entries) {
    entry.hidden = !entry.textContent.toLowerCase().includes(sought);
    found += Number(!entry.hidden);
  }
  for (const event of document.querySelectorAll("li.searched")) {
    const named = event.querySelector("h3").textContent.toLowerCase().includes(sought);
    const rows = [...event.querySelectorAll("tr")];
    event.hidden = !named && rows.every((row) => row.hidden);
    if (named) {
      for (const row of rows) {
        row.hidden = false;
      }
    }
  }
  document.getElementById("found").textContent = sought === "" ? "" : `${found} of ${entries.length}`;
}

startTimeline();
