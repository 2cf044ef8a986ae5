// Calls that run: the time that passes is counted here, so that nobody has to ask for it.

const TICK_MS = 1000;
const SECOND_MS = 1000;

export class Running {
  #body;
  #aheadMs = 0;
  #scaleMs;

  constructor(body, scaleMs) {
    this.#body = body;
    this.#scaleMs = scaleMs;
    this.#setClock(Number(body.dataset.now));
    window.setInterval(() => document.hidden || this.#tick(), TICK_MS);
    this.#tick();
  }

  // Rows as the server rendered them, and its clock.
  take(html, nowMs) {
    this.#setClock(nowMs);
    this.#body.innerHTML = html;
    this.#tick();
  }

  setScale(ms) {
    this.#scaleMs = ms;
    this.#tick();
  }

  #setClock(nowMs) {
    this.#aheadMs = nowMs - Date.now();
  }

  #tick() {
    const nowMs = Date.now() + this.#aheadMs;
    for (const row of this.#body.querySelectorAll("tr[data-started]")) {
      const counted = row.querySelector("[data-since]");
      const passedMs = Math.max(0, nowMs - Number(counted.dataset.since));
      counted.textContent = `${Math.floor(passedMs / SECOND_MS).toLocaleString("en")}\u00a0s`;
      this.#draw(row, Math.max(0, nowMs - Number(row.dataset.started) / 1e6));
    }
  }

  // The last part of a bar grows, unless nobody knows whether its call still runs.
  #draw(row, ranMs) {
    const bar = row.querySelector("svg.bar");
    const last = bar.lastElementChild;
    bar.setAttribute("viewBox", `0 0 ${this.#scaleMs} 10`);
    bar.classList.toggle("longer", ranMs > this.#scaleMs);
    if (!row.classList.contains("is-lost")) {
      last.setAttribute("width", String(Math.max(0, ranMs - Number(last.getAttribute("x")))));
    }
  }
}
