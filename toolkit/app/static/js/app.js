/** What the page knows: the study file, the figures, and how changes reach the folder. */

import * as api from "./api.js";
import { History } from "./history.js";

/**
 * @typedef {Array<string | number>} Place  keys and indices from the top of the study file down
 * @typedef {{place: Place, value?: any, rename?: string, rename_arm?: string}} Edit
 * @typedef {{place: Place, text: string}} Remark
 */

export class App extends EventTarget {
  constructor() {
    super();
    /** The study file as the server describes it. @type {any} */
    this.study = null;
    /** @type {string[]} */
    this.figures = [];
    /** @type {any} */
    this.schema = null;
    this.endpoint = sessionStorage.getItem("kmrepro.endpoint") ?? "";
    this.history = new History("study");
    /** @type {Promise<any>} */
    this.queue = Promise.resolve();
    this.waiting = 0;
  }

  /** Read everything anew: another program may have changed the folder. */
  async refresh() {
    const [study, figures] = await Promise.all([api.study(), api.figures()]);
    this.figures = figures;
    this.takeStudy(study);
  }

  /** @param {any} study  as the server returns it after each change */
  takeStudy(study) {
    this.study = { ...this.study, ...study };
    if (!this.study.endpoints.includes(this.endpoint)) this.endpoint = this.study.endpoints[0] ?? "";
    this.dispatchEvent(new Event("study"));
  }

  /** @param {string} key */
  chooseEndpoint(key) {
    this.endpoint = key;
    sessionStorage.setItem("kmrepro.endpoint", key);
    this.dispatchEvent(new Event("endpoint"));
  }

  /** Number of the chosen endpoint in the file. */
  get endpointNumber() {
    return Math.max(0, this.study.endpoints.indexOf(this.endpoint));
  }

  /** The value at a place of the study file, or undefined. @param {Place} place */
  at(place) {
    return place.reduce((value, step) => value?.[step], this.study?.content);
  }

  /**
   * Change keys of the study file. Changes are written one after the other, in their order.
   * @param {Edit[]} edits
   */
  edit(edits) {
    return this.#change(() => api.edit(edits));
  }

  /** Write the study file as a whole. @param {string} text */
  replace(text) {
    return this.#change(() => api.replaceStudy(text));
  }

  #change(write) {
    return this.enqueue(async () => {
      const before = this.study.text;
      const study = await write();
      if (study.text !== before) this.history.push(before);
      this.takeStudy(study);
    });
  }

  undo() {
    return this.#step((now) => this.history.undo(now));
  }

  redo() {
    return this.#step((now) => this.history.redo(now));
  }

  #step(move) {
    return this.enqueue(async () => {
      const text = move(this.study.text);
      if (text !== undefined) this.takeStudy(await api.replaceStudy(text));
    });
  }

  /**
   * Do something that writes to the folder, after everything before it.
   * @param {() => Promise<any>} write
   */
  enqueue(write) {
    this.waiting += 1;
    this.dispatchEvent(new Event("saving"));
    const done = this.queue.then(write).catch((error) => this.fail(error)).finally(() => {
      this.waiting -= 1;
      this.dispatchEvent(new Event("saving"));
    });
    this.queue = done;
    return done;
  }

  /** Tell the user why something was refused. @param {any} error */
  fail(error) {
    this.dispatchEvent(new CustomEvent("refused", { detail: { message: error?.message ?? String(error), picture: error?.picture } }));
  }
}
