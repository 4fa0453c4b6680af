/** Undo and redo: what there was before each change, as values. */

const MOST = 60;
const MOST_LETTERS = 1_500_000; // kept for a reload of the page; browsers allow some five million

export class History {
  /**
   * @param {string} name  under which it outlives a reload
   */
  constructor(name) {
    this.name = `kmrepro.${location.pathname}.${name}`;
    /** @type {any[]} */
    this.past = [];
    /** @type {any[]} */
    this.future = [];
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.name) ?? "null");
      if (kept) [this.past, this.future] = [kept.past, kept.future];
    } catch {
      // a browser that keeps nothing: undo begins with this visit
    }
  }

  get canUndo() {
    return this.past.length > 0;
  }

  get canRedo() {
    return this.future.length > 0;
  }

  /** Remember a value that is about to change. @param {any} before */
  push(before) {
    this.past.push(structuredClone(before));
    if (this.past.length > MOST) this.past.shift();
    this.future = [];
    this.#keep();
  }

  /** The value before, or undefined. @param {any} now */
  undo(now) {
    return this.#move(this.past, this.future, now);
  }

  /** The value after, or undefined. @param {any} now */
  redo(now) {
    return this.#move(this.future, this.past, now);
  }

  clear() {
    [this.past, this.future] = [[], []];
    this.#keep();
  }

  #move(from, to, now) {
    if (!from.length) return undefined;
    to.push(structuredClone(now));
    const found = from.pop();
    this.#keep();
    return found;
  }

  #keep() {
    let { past } = this;
    try {
      let text = JSON.stringify({ past, future: this.future });
      while (text.length > MOST_LETTERS && past.length) {
        past = past.slice(Math.ceil(past.length / 2));
        text = JSON.stringify({ past, future: past.length ? this.future : [] });
      }
      sessionStorage.setItem(this.name, text);
    } catch {
      sessionStorage.removeItem(this.name);
    }
  }
}
