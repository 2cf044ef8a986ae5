// The answer's text, each piece tinted by how long it was waited for, with the long waits written between the words.

import { duration, level } from "./timeline_data.js";

const MOST_PIECES = 1200;
const WRITTEN_FROM = 3;
const CONTENT_CLASSES = ["", "piece-text", "piece-reasoning", "piece-tool"];

export class Words {
  #element;
  #note;
  #chunks;
  #pieces;
  #shown = { from: 0, until: 0 };

  constructor(element, note, chunks, pieces) {
    this.#element = element;
    this.#note = note;
    this.#chunks = chunks;
    this.#pieces = pieces;
  }

  // Those of the chunks from one to before another; around the chosen one where they are too many to draw.
  show(from, until, chosen) {
    const [first, end] = this.#stretch(from, until, chosen);
    if (first !== this.#shown.from || end !== this.#shown.until) {
      this.#shown = { from: first, until: end };
      this.#draw(first, end);
    }
    this.#mark(chosen);
  }

  #stretch(from, until, chosen) {
    if (until - from <= MOST_PIECES) {
      return [from, until];
    }
    const middle = chosen !== null && chosen >= from && chosen < until ? chosen : from;
    const first = Math.min(Math.max(from, middle - MOST_PIECES / 2), until - MOST_PIECES);
    return [first, first + MOST_PIECES];
  }

  #draw(first, end) {
    const drawn = document.createDocumentFragment();
    for (let at = first; at < end; at += 1) {
      const waited = this.#chunks.waited[at];
      if (at > 0 && level(waited) >= WRITTEN_FROM) {
        drawn.append(pause(at, waited));
      }
      if (this.#pieces[at] !== "") {
        drawn.append(piece(at, waited, this.#pieces[at], this.#chunks.contents[at]));
      }
    }
    this.#element.replaceChildren(drawn);
    const all = this.#chunks.count;
    const which = end - first === all ? "" : `Chunks ${(first + 1).toLocaleString("en")} to ${end.toLocaleString("en")} of ${all.toLocaleString("en")}.`;
    this.#note.textContent = which;
  }

  #mark(chosen) {
    this.#element.querySelector(".chosen")?.classList.remove("chosen");
    const found = chosen === null ? null : this.#element.querySelector(`[data-chunk="${chosen}"]`);
    if (found !== null) {
      found.classList.add("chosen");
      const place = this.#element;
      place.scrollTop = found.offsetTop - place.offsetTop - place.clientHeight / 2;
    }
  }
}

function piece(at, waited, words, content) {
  const element = document.createElement("span");
  element.dataset.chunk = at;
  element.className = `wait-${level(waited)} ${CONTENT_CLASSES[content] ?? ""}`;
  element.textContent = words;
  return element;
}

function pause(at, waited) {
  const element = document.createElement("span");
  element.dataset.chunk = at;
  element.className = `pause wait-${level(waited)}`;
  element.textContent = duration(waited);
  return element;
}
