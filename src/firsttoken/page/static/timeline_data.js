// The chunks of one stream: unpacked from the bytes of page/timeline/packed.py, and gathered into as many columns as a
// drawing has. A column keeps its longest wait, so that no gap is lost however many chunks share it.

export const NOTHING = 0;
const WORD = 4;
const NUMBER = 8;

export class Chunks {
  constructor(buffer) {
    const head = new DataView(buffer);
    const count = head.getUint32(0, true);
    let at = 2 * WORD;
    const take = (Type, bytes) => {
      const found = new Type(buffer, at, count);
      at += count * bytes;
      return found;
    };
    this.count = count;
    this.arrived = take(Float64Array, NUMBER);
    this.waited = take(Float64Array, NUMBER);
    this.lengths = head.getUint32(WORD, true) === 1 ? take(Uint32Array, WORD) : null;
    this.contents = take(Uint8Array, 1);
  }

  get lastMs() {
    return this.count === 0 ? 0 : this.arrived[this.count - 1];
  }

  // The first chunk that came at that moment or later; the number of chunks where none did.
  firstSince(ms) {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.arrived[middle] < ms) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  nearest(ms) {
    const next = Math.min(this.firstSince(ms), this.count - 1);
    const previous = Math.max(next - 1, 0);
    return ms - this.arrived[previous] < this.arrived[next] - ms ? previous : next;
  }

  // How much a chunk counts in a rate: its characters where they are known, else one where it carried anything.
  amount(chunk) {
    return this.lengths === null ? Number(this.contents[chunk] !== NOTHING) : this.lengths[chunk];
  }

  // Of the time from one moment to another, in so many columns of the same width.
  columns(fromMs, untilMs, width) {
    const found = {
      longest: new Float64Array(width),
      chunk: new Int32Array(width).fill(-1),
      amount: new Float64Array(width),
      content: new Uint8Array(width),
    };
    const perMs = width / (untilMs - fromMs);
    for (let at = this.firstSince(fromMs); at < this.count && this.arrived[at] <= untilMs; at += 1) {
      const column = Math.min(width - 1, Math.floor((this.arrived[at] - fromMs) * perMs));
      if (found.chunk[column] === -1 || this.waited[at] > found.longest[column]) {
        found.longest[column] = this.waited[at];
        found.chunk[column] = at;
      }
      found.amount[column] += this.amount(at);
      found.content[column] = Math.max(found.content[column], this.contents[at]);
    }
    return found;
  }

  // The chunks that were waited for longest, the longest first. The first chunk of all ends no gap.
  longest(most) {
    const found = [];
    for (let at = 1; at < this.count; at += 1) {
      if (found.length < most || this.waited[at] > this.waited[found[found.length - 1]]) {
        let place = found.length;
        while (place > 0 && this.waited[found[place - 1]] < this.waited[at]) {
          place -= 1;
        }
        found.splice(place, 0, at);
        found.length = Math.min(found.length, most);
      }
    }
    return found;
  }
}

// As timeline/levels.py has them.
const LEVELS_MS = [30, 100, 300, 1000];

// How long a wait is, from 0 (not felt) to 4 (a second or more): its colour in the drawing and in the text.
export function level(ms) {
  return LEVELS_MS.filter((least) => ms >= least).length;
}

// As figures.duration_ns writes them.
export function duration(ms) {
  if (ms === 0) {
    return "0\u00a0ms";
  }
  return ms < 999.5 ? `${threeFigures(ms)}\u00a0ms` : `${threeFigures(ms / 1000)}\u00a0s`;
}

// A moment of the stream, to the millisecond.
export function seconds(ms) {
  return `${(ms / 1000).toLocaleString("en", { minimumFractionDigits: 3, maximumFractionDigits: 3 })}\u00a0s`;
}

function threeFigures(value) {
  if (value >= 99.95) {
    return Math.round(value).toLocaleString("en");
  }
  if (value >= 9.995) {
    return value.toFixed(1);
  }
  return value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}
