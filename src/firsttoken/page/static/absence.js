// Says that what a reader looks at is not there yet, and why: after a moment, for mostly it comes before anybody wonders.

const PATIENCE_MS = 300;
const COMING = "These calls are on their way.";

export class Absence {
  #element;
  #words = "";
  #waiting = 0;

  constructor(element) {
    this.#element = element;
  }

  // `reason` is why they do not come; null where nothing speaks against it.
  tell(isAbsent, reason) {
    const words = reason === null ? COMING : `These calls have not come: ${reason}. Trying again.`;
    this.#words = isAbsent ? words : "";
    if (this.#words === "" || this.#element.textContent !== "") {
      this.#show();
    } else if (this.#waiting === 0) {
      this.#waiting = window.setTimeout(() => this.#show(), PATIENCE_MS);
    }
  }

  // What stands there already is left as it is: a screen reader would say it again.
  #show() {
    window.clearTimeout(this.#waiting);
    this.#waiting = 0;
    if (this.#element.textContent !== this.#words) {
      this.#element.textContent = this.#words;
    }
  }
}
