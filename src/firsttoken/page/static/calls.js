// The list of calls: joined from its rows, those that run, its form, its keys and its news.

import { startFind } from "./find.js";
import { FixedRows } from "./fixed_rows.js";
import { onKeys } from "./keys.js";
import { CallList } from "./list.js";
import { Live } from "./live.js";
import { rememberOpened } from "./opened.js";
import { Running } from "./running.js";

const PLACE_MS = 250;
const TELL_MS = 10_000;
const MARGIN = 12;
const LARGEST_LIMIT = 100;
const view = document.querySelector(".list-view");
const element = document.getElementById("list");
const totals = document.getElementById("totals");
const newer = document.getElementById("newer");
const isLive = view.dataset.live === "yes";
let list = null;
let rows = null;
let running = null;
let live = null;
let isFollowing = true;
let placing = 0;
let untold = 0;
let telling = 0;

startFind();
if (isLive) {
  startList();
} else {
  rows = new FixedRows(element.querySelector("#calls, #groups"));
}
startRows();
live = new Live(address, { calls: takeCalls, sums: takeSums });

function startList() {
  const body = document.getElementById("calls");
  list = new CallList(element, moved);
  rows = list;
  running = new Running(document.getElementById("running"), Number(body.dataset.scale));
  list.start(Number(totals.dataset.calls));
  isFollowing = list.isAtTop;
  if (!isFollowing) {
    moved();
  }
  newer.addEventListener("click", () => list.toTop());
  body.addEventListener("focusin", moved);
  body.addEventListener("focusout", () => window.setTimeout(moved));
}

// Of the list that is on the page, whichever it is.
function startRows() {
  rows.focusCall(window.history.state?.opened ?? window.location.hash.slice(1));
  element.addEventListener("click", remember, { capture: true });
  const page = () => Math.max(1, rows.rowsInView - 2);
  onKeys("j", "Next call", () => rows.step(1));
  onKeys("k", "Call before", () => rows.step(-1));
  onKeys("Enter", "Open the call", () => rows.hasFocus && false);
  onKeys("ArrowDown", "Next call, in the list", () => rows.hasFocus && rows.step(1));
  onKeys("ArrowUp", "Call before, in the list", () => rows.hasFocus && rows.step(-1));
  onKeys("PageDown", "A page of calls further", () => rows.hasFocus && rows.step(page()));
  onKeys("PageUp", "A page of calls back", () => rows.hasFocus && rows.step(-page()));
  onKeys("Home", "First call of the list", () => rows.toTop());
  onKeys("End", "Last call of the list", () => rows.focusRow(rows.count - 1));
}

// What is asked for now: all of the top of the list, or how many calls are newer than what is read.
function address() {
  const asked = new URLSearchParams(view.dataset.query);
  if (list !== null && !isFollowing && list.newest !== "") {
    asked.set("newer_than", list.newest);
  } else if (list !== null && !asked.has("limit")) {
    asked.set("limit", String(Math.min(LARGEST_LIMIT, list.rowsInView + MARGIN)));
  }
  return `/events?${asked}`;
}

function takeCalls(news) {
  list.notice();
  if (news.newer !== undefined) {
    showNewer(news.newer);
  } else if (isFollowing) {
    takeTop(news);
  }
}

function takeTop(news) {
  const added = list.takeNewest(news.keys, news.rows);
  running.take(news.running, news.now_unix_ms);
  shareScale(news.scale);
  showNewer(0);
  showList(list.count + news.running_calls > 0);
  if (added > 0) {
    tellNews(added);
  }
}

// A screen reader is told now and then, of all that came since: calls may come faster than anybody can listen.
function tellNews(added) {
  untold += added;
  if (telling === 0) {
    sayNews();
    telling = window.setTimeout(() => {
      telling = 0;
      tellNews(0);
    }, TELL_MS);
  }
}

function sayNews() {
  if (untold > 0) {
    document.getElementById("news").textContent = words(untold);
    untold = 0;
  }
}

function shareScale(scale) {
  document.getElementById("scale").textContent = scale.words;
  list.setScale(scale.ms);
  running.setScale(scale.ms);
}

function showList(isThere) {
  view.querySelector(".calls-panel").hidden = !isThere;
  const empty = document.getElementById("empty");
  if (empty !== null) {
    empty.hidden = isThere;
  }
}

function takeSums(news) {
  totals.innerHTML = news.totals;
  totals.dataset.calls = String(news.calls);
  if (list !== null && isFollowing) {
    list.tellCount(news.calls);
  }
}

function showNewer(count) {
  newer.hidden = count === 0;
  newer.textContent = `${words(count)} ↑`;
}

function words(count) {
  return `${count.toLocaleString("en")} new ${count === 1 ? "call" : "calls"}`;
}

// Who reads further down, or stands on a row, is not moved.
function moved() {
  const follows = list.isAtTop && !list.hasFocus;
  if (follows !== isFollowing) {
    isFollowing = follows;
    list.forgetLoading();
    live?.restart();
  }
  window.clearTimeout(placing);
  placing = window.setTimeout(keepPlace, PLACE_MS);
}

function keepPlace() {
  const place = list.place;
  if (place === undefined) {
    return;
  }
  const asked = new URLSearchParams(view.dataset.query);
  if (place !== null) {
    asked.set("before", place);
  }
  const query = asked.toString();
  window.history.replaceState(window.history.state, "", query === "" ? "/" : `/?${query}`);
}

// Back from a call, its row is where it was, and has the focus.
function remember(event) {
  const key = event.target.closest("tr")?.dataset.key;
  if (key === undefined) {
    return;
  }
  if (list !== null) {
    keepPlace();
  }
  window.history.replaceState({ opened: key }, "");
  rememberOpened(key);
}
