// The timeline of one stream: drawn, zoomed and moved by keyboard and pointer, and joined with the words that came.

import { Chunks, duration, seconds } from "./timeline_data.js";
import { colours, drawPlot, drawWhole } from "./timeline_drawing.js";
import { Words } from "./timeline_words.js";

const CONTENTS = ["no content", "text", "reasoning", "tool call"];
const CLOSEST_MS = 0.5;
const ZOOM = 1.6;
const MOVE = 0.2;
const LEAST_DRAG_PX = 4;
const MOST_GAPS = 10;
const AROUND_GAP = 0.6;
const LEAST_AROUND_MS = 60;

export class Timeline {
  #root;
  #stage;
  #plot;
  #strip;
  #readout;
  #chunks;
  #whole;
  #view;
  #cursor = null;
  #gaps;
  #gap = -1;
  #words = null;
  #palette = colours();
  #drag = null;
  #drawing = false;

  constructor(root, chunks) {
    this.#root = root;
    this.#chunks = chunks;
    this.#stage = root.querySelector(".stage");
    this.#plot = root.querySelector("canvas.plot");
    this.#strip = root.querySelector("canvas.whole");
    this.#readout = root.querySelector(".readout");
    this.#whole = { from: 0, until: Math.max(Number(root.dataset.durationMs), chunks.lastMs, 1) };
    this.#view = { ...this.#whole };
    this.#gaps = chunks.longest(MOST_GAPS);
    this.#listen();
    this.#changed();
  }

  static async open(root) {
    const answer = await fetch(root.dataset.address);
    if (!answer.ok) {
      throw new Error(`${root.dataset.address} did not come: ${answer.status}`);
    }
    return new Timeline(root, new Chunks(await answer.arrayBuffer()));
  }

  async takeWords(address) {
    const answer = await fetch(address);
    if (!answer.ok) {
      throw new Error(`${address} did not come: ${answer.status}`);
    }
    const text = this.#root.querySelector(".words");
    this.#words = new Words(text, this.#root.querySelector(".words-note"), this.#chunks, await answer.json());
    text.addEventListener("click", (event) => {
      const chunk = event.target.dataset?.chunk;
      if (chunk !== undefined) {
        this.choose(Number(chunk));
      }
    });
    this.#changed();
  }

  focus() {
    this.#stage.focus({ preventScroll: true });
    this.#root.scrollIntoView({ block: "start" });
  }

  // Shows one chunk, the wait for it, and what came around it.
  zoomTo(chunk) {
    const { arrived, waited, count } = this.#chunks;
    if (!(chunk >= 0 && chunk < count)) {
      return;
    }
    const around = Math.max(waited[chunk] * AROUND_GAP, LEAST_AROUND_MS);
    this.#gap = this.#gaps.indexOf(chunk);
    this.#cursor = chunk;
    this.#look(arrived[chunk] - waited[chunk] - around, arrived[chunk] + around);
  }

  zoomToLargestGap() {
    if (this.#gaps.length > 0) {
      this.zoomTo(this.#gaps[0]);
    }
  }

  // Puts the cursor on a chunk, and moves the view where it is not in it.
  choose(chunk) {
    this.#cursor = Math.min(Math.max(chunk, 0), this.#chunks.count - 1);
    const at = this.#chunks.arrived[this.#cursor];
    const { from, until } = this.#view;
    if (at < from || at > until) {
      this.#look(at - (until - from) / 2, at + (until - from) / 2);
    } else {
      this.#changed();
    }
  }

  #listen() {
    this.#stage.addEventListener("keydown", (event) => this.#key(event));
    this.#root.querySelector(".tools").addEventListener("click", (event) => this.#act(event.target.dataset.act));
    this.#plot.addEventListener("pointerdown", (event) => this.#press(event));
    this.#plot.addEventListener("pointermove", (event) => this.#move(event));
    this.#plot.addEventListener("pointerup", (event) => this.#release(event));
    this.#plot.addEventListener("pointercancel", () => this.#endDrag());
    this.#plot.addEventListener("dblclick", () => this.#act("whole"));
    this.#plot.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#strip.addEventListener("pointerdown", (event) => this.#centre(event));
    this.#strip.addEventListener("pointermove", (event) => event.buttons === 1 && this.#centre(event));
    new ResizeObserver(() => this.#changed()).observe(this.#stage);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#palette = colours();
      this.#changed();
    });
  }

  #acts = {
    in: () => this.#zoom(1 / ZOOM),
    out: () => this.#zoom(ZOOM),
    whole: () => this.#look(this.#whole.from, this.#whole.until),
    left: () => this.#shift(-MOVE),
    right: () => this.#shift(MOVE),
    gap: () => this.#nextGap(1),
    "gap-before": () => this.#nextGap(-1),
    next: () => this.choose((this.#cursor ?? this.#chunks.firstSince(this.#view.from) - 1) + 1),
    previous: () => this.choose((this.#cursor ?? this.#chunks.firstSince(this.#view.until)) - 1),
    first: () => this.choose(0),
    last: () => this.choose(this.#chunks.count - 1),
  };

  #act(name) {
    this.#acts[name]?.();
  }

  static #keys = {
    "+": "in",
    "=": "in",
    ArrowUp: "in",
    "-": "out",
    ArrowDown: "out",
    0: "whole",
    ArrowLeft: "left",
    ArrowRight: "right",
    g: "gap",
    G: "gap-before",
    ".": "next",
    ",": "previous",
    Home: "first",
    End: "last",
  };

  #key(event) {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : Timeline.#keys[event.key];
    if (act !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      this.#act(act);
    }
  }

  #nextGap(by) {
    const count = this.#gaps.length;
    if (count > 0) {
      const from = this.#gap === -1 && by < 0 ? 0 : this.#gap;
      this.zoomTo(this.#gaps[(from + by + count) % count]);
    }
  }

  #zoom(by, around = null) {
    const { from, until } = this.#view;
    const cursorMs = this.#cursor === null ? null : this.#chunks.arrived[this.#cursor];
    const seen = cursorMs !== null && cursorMs >= from && cursorMs <= until;
    const still = around ?? (seen ? cursorMs : (from + until) / 2);
    this.#look(still - (still - from) * by, still + (until - still) * by);
  }

  #shift(by) {
    const width = this.#view.until - this.#view.from;
    this.#look(this.#view.from + by * width, this.#view.until + by * width);
  }

  // Never beyond the stream, nor closer than anything can be told apart.
  #look(from, until) {
    const most = this.#whole.until - this.#whole.from;
    const width = Math.min(Math.max(until - from, CLOSEST_MS), most);
    const start = Math.min(Math.max(from, this.#whole.from), this.#whole.until - width);
    this.#view = { from: start, until: start + width };
    this.#changed();
  }

  // The drawing waits for the next frame: however many things happen until then, it is made once.
  #changed() {
    this.#tell();
    if (!this.#drawing) {
      this.#drawing = true;
      window.requestAnimationFrame(() => {
        this.#drawing = false;
        this.#draw();
      });
    }
  }

  #draw() {
    drawPlot(this.#plot, this.#chunks, this.#view, this.#cursor, this.#palette);
    drawWhole(this.#strip, this.#chunks, this.#whole, this.#view, this.#palette);
    this.#drawSelection();
    const first = this.#chunks.firstSince(this.#view.from);
    this.#words?.show(first, Math.max(first, this.#chunks.firstSince(this.#view.until + CLOSEST_MS)), this.#cursor);
  }

  #drawSelection() {
    if (this.#drag === null) {
      return;
    }
    const context = this.#plot.getContext("2d");
    context.globalAlpha = 0.15;
    context.fillStyle = this.#palette.focus;
    const left = Math.min(this.#drag.from, this.#drag.until);
    context.fillRect(left, 0, Math.abs(this.#drag.until - this.#drag.from), this.#plot.clientHeight);
    context.globalAlpha = 1;
  }

  #tell() {
    const { from, until } = this.#view;
    const parts = [`${seconds(from)} to ${seconds(until)}`];
    if (this.#cursor !== null) {
      const at = this.#cursor;
      const { arrived, waited, contents, count } = this.#chunks;
      parts.push(
        `chunk ${(at + 1).toLocaleString("en")} of ${count.toLocaleString("en")}`,
        `${CONTENTS[contents[at]] ?? CONTENTS[0]} after ${seconds(arrived[at])}`,
        `waited ${duration(waited[at])}`,
      );
    }
    this.#readout.textContent = parts.join(" · ");
  }

  #atMs(event) {
    const box = this.#plot.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    return this.#view.from + share * (this.#view.until - this.#view.from);
  }

  // The chunk under the pointer: where several share its column, that which was waited for longest.
  #under(event) {
    const width = this.#plot.clientWidth;
    const perPx = (this.#view.until - this.#view.from) / width;
    const at = this.#atMs(event);
    const { chunk } = this.#chunks.columns(at - 2 * perPx, at + 2 * perPx, 1);
    return chunk[0] === -1 ? this.#chunks.nearest(at) : chunk[0];
  }

  #press(event) {
    if (event.button === 0 && event.pointerType !== "touch") {
      this.#drag = { from: event.offsetX, until: event.offsetX, ms: this.#atMs(event) };
      this.#plot.setPointerCapture(event.pointerId);
    }
  }

  #move(event) {
    if (this.#drag !== null) {
      this.#drag.until = event.offsetX;
    }
    this.#cursor = this.#under(event);
    this.#changed();
  }

  #release(event) {
    const drag = this.#drag;
    this.#endDrag();
    if (drag !== null && Math.abs(event.offsetX - drag.from) >= LEAST_DRAG_PX) {
      const until = this.#atMs(event);
      this.#look(Math.min(drag.ms, until), Math.max(drag.ms, until));
    }
  }

  #endDrag() {
    this.#drag = null;
    this.#changed();
  }

  // The page scrolls as ever unless a key says that the wheel is meant for the timeline.
  #wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.#zoom(event.deltaY > 0 ? ZOOM : 1 / ZOOM, this.#atMs(event));
    } else if (event.shiftKey) {
      event.preventDefault();
      this.#shift(Math.sign(event.deltaY || event.deltaX) * MOVE);
    }
  }

  #centre(event) {
    const share = event.offsetX / this.#strip.clientWidth;
    const middle = this.#whole.from + share * (this.#whole.until - this.#whole.from);
    const half = (this.#view.until - this.#view.from) / 2;
    this.#look(middle - half, middle + half);
  }
}
