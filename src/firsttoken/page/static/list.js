// The rows of a list of any length: only those in view are in the document, fetched in blocks as the server rendered,
// and escaped, them. Numbers of rows count from the newest call that the reader knows of.

import { Absence } from "./absence.js";
import { Blocks } from "./blocks.js";
import { Scroller } from "./scroller.js";

const BLOCK = 50;
const MARGIN = 12;
const KEPT = 2000;
const FETCH_DELAY_MS = 40;
const RETRY_MS = 1000;

export class CallList {
  #element;
  #body;
  #table;
  #scroller;
  #rows = new Map();
  #counted = 0;
  #told = 0;
  #rowPx = 1;
  #query;
  #head;
  #scale;
  #blocks = new Blocks(
    (block) => this.#addressOf(block),
    (block, html) => this.#take(block, rowsFrom(html)),
    (reason) => this.#miss(reason),
  );
  #absence;
  #reason = null;
  #fetching = 0;
  #active = 0;
  #isAwaited = false;
  #moved;

  // `moved` is called when the place of the reader has changed.
  constructor(element, moved) {
    this.#element = element;
    this.#moved = moved;
    this.#body = element.querySelector("#calls");
    this.#table = this.#body.closest("table");
    this.#query = new URLSearchParams(this.#body.dataset.query);
    this.#query.set("limit", BLOCK);
    this.#head = this.#body.dataset.head;
    this.#scale = Number(this.#body.dataset.scale);
    this.#active = Number(this.#body.dataset.first);
    this.#absence = new Absence(document.getElementById("absent"));
    this.#scroller = new Scroller(element, this.#body, () => this.#show(true));
    this.#scroller.settled = () => this.#placeRows();
  }

  // Takes the rows that are there over, of so many in all. Who was quick has scrolled them already, and stays there.
  start(count) {
    const first = this.#active;
    Array.from(this.#body.rows).forEach((row, index) => this.#keep(first + index, row));
    this.#rowPx = this.#measured();
    this.#scroller.start(this.#rowPx, Math.max(count, first + this.#rows.size));
    this.#element.classList.add("is-virtual");
    this.#scroller.moveTo(first * this.#rowPx + this.#scroller.position);
    this.setCount(Math.max(count, first + this.#rows.size));
    new ResizeObserver(() => this.#resize()).observe(this.#element);
  }

  // Looks where the reader is, before something is changed.
  notice() {
    this.#scroller.notice();
  }

  get count() {
    return Math.max(this.#counted, this.#told);
  }

  get isAtTop() {
    return this.#scroller.position === 0;
  }

  // When the newest call of this list started, as a text: more digits than a number has.
  get newest() {
    return this.#head;
  }

  get rowsInView() {
    return Math.ceil(this.#scroller.viewPx / this.#rowPx);
  }

  get hasFocus() {
    return this.#body.contains(document.activeElement);
  }

  // What stands in an address for the place of the reader: null at the top, undefined while its rows are on their way.
  get place() {
    const first = Math.floor(this.#scroller.position / this.#rowPx);
    const before = this.#rows.get(first - 1);
    return first === 0 ? null : before && cursorOf(before);
  }

  // Begins anew with so many calls.
  setCount(count) {
    this.#counted = count;
    this.tellCount(count);
  }

  // How many calls there are in all. It is told at other times than the rows, which are counted as they come.
  tellCount(count) {
    this.#told = count;
    this.#table.setAttribute("aria-rowcount", String(this.count + 1));
    this.#scroller.resize(this.#rowPx, this.count);
    this.#show(false);
  }

  // A common width for all bars, in milliseconds.
  setScale(ms) {
    this.#scale = ms;
    for (const row of this.#rows.values()) {
      this.#drawBar(row);
    }
  }

  // The newest calls: their keys in order, and rows of those that are new. Returns how many there were.
  takeNewest(keys, fresh) {
    const known = new Map(Array.from(this.#rows, ([index, row]) => [row.dataset.key, { index, row }]));
    const added = new Map(fresh.filter(({ key }) => !known.has(key)).map(({ key, html }) => [key, rowFrom(html)]));
    const last = known.get(keys.at(-1))?.index;
    const shift = last === undefined ? 0 : keys.length - 1 - last;
    const below = last === undefined ? [] : Array.from(this.#rows).filter(([index]) => index > last);
    const focused = this.#rows.get(this.#active)?.dataset.key;
    this.#rows = new Map(below.map(([index, row]) => [index + shift, row]));
    keys.forEach((key, index) => this.#keep(index, added.get(key) ?? known.get(key)?.row));
    this.#active = Math.max(0, keys.indexOf(focused));
    this.#head = this.#rows.get(0)?.dataset.started ?? this.#head;
    this.#counted = Math.max(this.#counted + (last === undefined ? added.size : shift), keys.length);
    this.tellCount(this.#told);
    for (const row of added.values()) {
      row.classList.add("fresh");
    }
    return added.size;
  }

  // Who stands on a row leaves it: at the top the list goes on with what comes.
  toTop() {
    this.#active = 0;
    if (this.hasFocus) {
      document.activeElement.blur();
    }
    this.#scroller.moveTo(0);
    this.#show(true);
  }

  // The keyboard: so many rows further, or back.
  step(by) {
    this.notice();
    const seen = Math.ceil(this.#scroller.position / this.#rowPx);
    this.focusRow(this.hasFocus || this.#isSeen(this.#active) ? this.#active + (this.hasFocus ? by : 0) : seen);
  }

  focusRow(index) {
    this.notice();
    const wanted = Math.min(Math.max(0, index), this.count - 1);
    const top = wanted * this.#rowPx;
    const lowest = top + this.#rowPx - this.#scroller.viewPx;
    this.#active = wanted;
    this.#scroller.moveTo(Math.max(lowest, Math.min(this.#scroller.position, top)));
    this.#isAwaited = true;
    this.#show(true);
  }

  // The row of a call that somebody comes back from.
  focusCall(key) {
    for (const [index, row] of this.#rows) {
      if (row.dataset.key === key) {
        this.focusRow(index);
        return;
      }
    }
  }

  openActive() {
    const link = this.#rows.get(this.#active)?.querySelector("a");
    link?.click();
    return link !== undefined && link !== null;
  }

  #isSeen(index) {
    const top = index * this.#rowPx - this.#scroller.position;
    return top >= 0 && top + this.#rowPx <= this.#scroller.viewPx;
  }

  #keep(index, row) {
    if (row !== undefined) {
      this.#rows.set(index, row);
      row.dataset.index = String(index);
      row.setAttribute("aria-rowindex", String(index + 2));
      this.#drawBar(row);
    }
  }

  // Every bar is drawn in milliseconds; the common scale is the width of its view box.
  #drawBar(row) {
    const bar = row.querySelector("svg.bar");
    bar.setAttribute("viewBox", `0 0 ${this.#scale} 10`);
    bar.classList.toggle("longer", Number(row.dataset.total) > this.#scale);
  }

  // The height of a row is that of the style sheet: a phone has another.
  #measured() {
    return Number.parseFloat(window.getComputedStyle(this.#body).getPropertyValue("--row-height"));
  }

  #resize() {
    const rowPx = this.#measured();
    this.#scroller.resize(rowPx, this.count);
    this.#rowPx = rowPx;
    this.#show(false);
  }

  // The first row that is in view, and the first that is not any more; with some around them.
  #seen(margin = 0) {
    const first = Math.floor(this.#scroller.position / this.#rowPx);
    return [Math.max(0, first - margin), Math.min(this.count, first + this.rowsInView + 1 + margin)];
  }

  #show(isReader) {
    const [from, to] = this.#seen(MARGIN);
    const focused = document.activeElement?.closest("#calls tr");
    const wanted = [];
    for (let index = from; index < to; index += 1) {
      wanted.push(this.#rows.get(index));
    }
    const shown = new Set(wanted.filter((row) => row !== undefined));
    for (const row of Array.from(this.#body.rows)) {
      if (!shown.has(row) && row !== focused) {
        row.remove();
      }
    }
    let next = this.#body.firstElementChild;
    for (const row of shown) {
      next = next === focused && !shown.has(focused) ? next?.nextElementSibling ?? null : next;
      if (row === next) {
        next = next.nextElementSibling;
      } else {
        this.#body.insertBefore(row, next);
      }
    }
    this.#placeRows();
    this.#rove();
    this.#tellAbsent();
    this.#fetchSoon();
    if (isReader) {
      this.#moved();
    }
  }

  #placeRows() {
    for (const row of this.#body.rows) {
      row.style.transform = `translateY(${this.#scroller.top(Number(row.dataset.index))}px)`;
    }
  }

  // One row is reached by Tab, the others by the keys of the list; and the list itself while it has none.
  #rove() {
    const active = this.#rows.get(this.#active);
    const reached = active?.isConnected ? active : this.#body.rows[0];
    for (const row of this.#body.rows) {
      row.querySelector("a").tabIndex = row === reached ? 0 : -1;
    }
    if (reached === undefined) {
      this.#element.tabIndex = 0;
    } else {
      this.#element.removeAttribute("tabindex");
    }
    if (this.#isAwaited && active?.isConnected) {
      this.#isAwaited = false;
      active.querySelector("a").focus({ preventScroll: true });
    }
  }

  #fetchSoon() {
    window.clearTimeout(this.#fetching);
    this.#fetching = window.setTimeout(() => this.#fetchMissing(), FETCH_DELAY_MS);
  }

  #fetchMissing() {
    const [from, to] = this.#seen(MARGIN);
    const missing = new Set();
    for (let index = from; index < to; index += 1) {
      if (!this.#rows.has(index)) {
        missing.add(Math.floor(index / BLOCK) * BLOCK);
      }
    }
    this.#blocks.want(missing);
    this.#forgetFar(from, to);
  }

  // Until it comes, it is tried again.
  #miss(reason) {
    this.#reason = reason;
    this.#tellAbsent();
    window.setTimeout(() => this.#fetchMissing(), RETRY_MS);
  }

  #tellAbsent() {
    const [from, to] = this.#seen();
    let isAbsent = false;
    for (let index = from; index < to && !isAbsent; index += 1) {
      isAbsent = !this.#rows.has(index);
    }
    this.#absence.tell(isAbsent, this.#reason);
  }

  // After the row before it where that is known, which nothing that arrived since can move; else by its number.
  #addressOf(block) {
    const asked = new URLSearchParams(this.#query);
    const before = this.#rows.get(block - 1);
    if (before !== undefined) {
      asked.set("before", cursorOf(before));
    } else {
      asked.set("at", String(block));
      if (this.#head !== "") {
        asked.set("head", String(BigInt(this.#head) + 1n));
      }
    }
    return `/rows?${asked}`;
  }

  #take(block, rows) {
    this.#reason = null;
    rows.forEach((row, place) => {
      if (!this.#rows.has(block + place)) {
        this.#keep(block + place, row);
      }
    });
    if (rows.length < Math.min(BLOCK, this.count - block)) {
      this.setCount(block + rows.length);
    }
    this.#show(true);
  }

  #forgetFar(from, to) {
    if (this.#rows.size > KEPT) {
      const near = ([index]) => index >= from - KEPT / 4 && index < to + KEPT / 4;
      this.#rows = new Map(Array.from(this.#rows).filter(near));
    }
  }

  // What is on its way was asked with numbers that no longer hold.
  forgetLoading() {
    this.#blocks.want(new Set());
    this.#fetchSoon();
  }
}

function cursorOf(row) {
  return `${row.dataset.started}-${row.dataset.key.replace("/", "")}`;
}

function rowsFrom(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return Array.from(template.content.querySelectorAll("tr"));
}

function rowFrom(html) {
  return rowsFrom(html)[0];
}
