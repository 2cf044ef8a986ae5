// The rows of a list that is in the document as a whole, by keyboard: calls in another order, and groups.

export class FixedRows {
  #links;

  constructor(body) {
    this.#links = Array.from(body.querySelectorAll("th a"));
  }

  get count() {
    return this.#links.length;
  }

  get hasFocus() {
    return this.#at !== -1;
  }

  get rowsInView() {
    const row = this.#links[0]?.closest("tr");
    return row === undefined ? 1 : Math.floor(row.closest(".list").clientHeight / row.offsetHeight);
  }

  toTop() {
    this.focusRow(0);
  }

  step(by) {
    this.focusRow(this.hasFocus ? this.#at + by : 0);
  }

  focusRow(index) {
    const link = this.#links[Math.min(Math.max(0, index), this.count - 1)];
    link?.focus({ preventScroll: true });
    link?.closest("tr").scrollIntoView({ block: "nearest" });
  }

  focusCall(key) {
    const index = this.#links.findIndex((link) => link.closest("tr").dataset.key === key);
    if (index !== -1) {
      this.focusRow(index);
    }
  }

  get #at() {
    return this.#links.indexOf(document.activeElement);
  }
}
