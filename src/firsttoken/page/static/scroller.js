// A scroll bar over more rows than an element can be high. A position is in pixels of a list that is as high as all its
// rows; where that is higher than browsers allow, the bar stands for a part of it, and small movements stay exact.

const HIGHEST_PX = 8_000_000;
const SETTLED_MS = 200;

export class Scroller {
  position = 0;
  #element;
  #space;
  #rowPx = 1;
  #count = 0;
  #last = 0;
  #settling = 0;
  #moved;

  // `space` is the element inside of the scrolled one that gets the height of the rows; what stands over it moves with
  // them, but for the head of the table. `moved` is called after every movement of the reader's.
  constructor(element, space, moved) {
    this.#element = element;
    this.#space = space;
    this.#moved = moved;
    element.addEventListener("scroll", () => this.notice(), { passive: true });
  }

  // Takes over where the reader is already.
  start(rowPx, count) {
    this.#set(rowPx, count);
    this.#follow();
  }

  // What the reader moved; says whether it was anything. Browsers tell of it a little later: whoever is about to change
  // something, or to go on from the position, looks first.
  notice() {
    const isMoved = this.#follow();
    if (isMoved) {
      this.#moved();
    }
    return isMoved;
  }

  // How high a row is, and how many there are. The row on top stays there where it can.
  resize(rowPx, count) {
    this.notice();
    const grown = rowPx / this.#rowPx;
    this.#set(rowPx, count);
    this.moveTo(this.position * grown);
  }

  moveTo(position) {
    this.position = Math.min(Math.max(0, position), this.#furthest);
    this.#settle();
  }

  // Where the row of this number is drawn within the space.
  top(index) {
    return index * this.#rowPx - this.position + this.#scrolled;
  }

  // How much of the rows can be seen at once.
  get viewPx() {
    return Math.max(this.#rowPx, this.#element.clientHeight - this.#headPx);
  }

  get #headPx() {
    return this.#element.querySelector("thead").offsetHeight;
  }

  get #abovePx() {
    return this.#space.offsetTop - this.#headPx;
  }

  get #scrolled() {
    return Math.max(0, this.#element.scrollTop - this.#abovePx);
  }

  get #wholePx() {
    return this.#count * this.#rowPx;
  }

  get #furthest() {
    return Math.max(0, this.#wholePx - this.viewPx);
  }

  // Pixels of the list for each of the bar's.
  get #scale() {
    return this.#wholePx <= HIGHEST_PX ? 1 : this.#furthest / (HIGHEST_PX - this.viewPx);
  }

  #set(rowPx, count) {
    this.#rowPx = rowPx;
    this.#count = count;
    this.#space.style.height = `${Math.min(this.#wholePx, HIGHEST_PX)}px`;
  }

  // Says whether the reader moved anything.
  #follow() {
    const scrolled = this.#scrolled;
    const by = scrolled - this.#last;
    this.#last = scrolled;
    if (by === 0) {
      return false;
    }
    const atEnd = scrolled <= 0 || scrolled >= HIGHEST_PX - this.viewPx - 1;
    const isStep = Math.abs(by) <= 2 * this.viewPx && !atEnd && this.#scale > 1;
    const wanted = isStep ? this.position + by : scrolled * this.#scale;
    this.position = Math.min(Math.max(0, wanted), this.#furthest);
    window.clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => this.notice() || this.#settle(), SETTLED_MS);
    return true;
  }

  // The bar goes where the position is; what is seen stays.
  #settle() {
    const wanted = this.position / this.#scale;
    if (Math.abs(this.#scrolled - wanted) >= 1) {
      this.#element.scrollTop = wanted === 0 ? 0 : wanted + this.#abovePx;
    }
    this.#last = this.#scrolled;
    this.settled();
  }

  // Called after the bar was moved, as rows are drawn relative to it.
  settled() {}
}
