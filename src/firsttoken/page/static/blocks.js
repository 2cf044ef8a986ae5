// Blocks of rows on their way from the server: each is asked for once at a time.

export class Blocks {
  #addressOf;
  #take;
  #miss;
  #loading = new Map();

  // `addressOf` gives the address of a block when it is asked for. `take` gets its number and its text; `miss` gets the
  // reason, in words, why one did not come.
  constructor(addressOf, take, miss) {
    this.#addressOf = addressOf;
    this.#take = take;
    this.#miss = miss;
  }

  // These, and no others any more.
  want(blocks) {
    for (const [block, loading] of this.#loading) {
      if (!blocks.has(block)) {
        loading.abort();
        this.#loading.delete(block);
      }
    }
    for (const block of blocks) {
      if (!this.#loading.has(block)) {
        this.#fetch(block);
      }
    }
  }

  async #fetch(block) {
    const loading = new AbortController();
    this.#loading.set(block, loading);
    const { text, reason } = await answerTo(this.#addressOf(block), loading.signal);
    if (this.#loading.get(block) !== loading) {
      return;
    }
    this.#loading.delete(block);
    if (text === undefined) {
      this.#miss(reason);
    } else {
      this.#take(block, text);
    }
  }
}

async function answerTo(address, signal) {
  try {
    const answer = await fetch(address, { signal });
    return answer.ok ? { text: await answer.text() } : { reason: `the server answers ${answer.status}` };
  } catch {
    return { reason: "the server cannot be reached" };
  }
}
