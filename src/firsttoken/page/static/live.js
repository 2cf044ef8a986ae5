// News of the list over server-sent events: while the tab is seen, and again by itself when the server was lost.

const RETURN_DELAY_MS = 1000;
const UNAVAILABLE = 503;
const STATE_WORDS = {
  live: "live",
  lost: "server not reachable, trying again",
  full: "too many lists are open, trying again",
  hidden: "resting while hidden",
};

export class Live {
  #address;
  #handlers;
  #source = null;
  #returning = 0;

  // `handlers` take the pieces of news, by name. `address` is asked each time anew.
  constructor(address, handlers) {
    this.#address = address;
    this.#handlers = handlers;
    document.addEventListener("visibilitychange", () => this.#seenOrHidden());
    this.#seenOrHidden();
  }

  // Ask anew, as what is asked for has changed.
  restart() {
    if (!document.hidden) {
      this.#open();
    }
  }

  #seenOrHidden() {
    if (document.hidden) {
      this.#close();
      showState("hidden");
    } else if (this.#source === null) {
      this.#open();
    }
  }

  #open() {
    this.#close();
    const source = new EventSource(this.#address());
    this.#source = source;
    source.addEventListener("open", () => showState("live"));
    for (const [name, handler] of Object.entries(this.#handlers)) {
      source.addEventListener(name, (event) => handler(JSON.parse(event.data)));
    }
    source.addEventListener("error", () => this.#lose(source));
  }

  async #lose(source) {
    if (source.readyState !== EventSource.CLOSED) {
      showState("lost");
      return;
    }
    const state = await stateWithout(source);
    if (this.#source === source) {
      showState(state);
      this.#returning = window.setTimeout(() => this.restart(), RETURN_DELAY_MS);
    }
  }

  #close() {
    window.clearTimeout(this.#returning);
    this.#source?.close();
    this.#source = null;
  }
}

// Why there are no news: a source of them does not say it.
async function stateWithout(source) {
  try {
    const answer = await fetch(source.url, { method: "HEAD" });
    return answer.status === UNAVAILABLE ? "full" : "lost";
  } catch {
    return "lost";
  }
}

function showState(state) {
  const element = document.getElementById("live");
  if (element.dataset.state !== state) {
    element.dataset.state = state;
    element.textContent = STATE_WORDS[state];
  }
}
