/** Long work: a line for each piece, with its progress and a button that cancels it. */

import * as api from "./api.js";
import { button, h, show } from "./dom.js";

const PAUSE = 250; // ms between questions; the server waits a little itself
const OVER = ["done", "refused", "failed", "cancelled"];

export class JobStrip {
  /** @param {Element} root */
  constructor(root) {
    this.root = root;
    /** @type {Map<string, any>} */
    this.jobs = new Map();
  }

  /**
   * Follow a job to its end.
   * @param {any} job  as the server describes it
   * @returns {Promise<any>}  the job once it is over
   */
  async follow(job) {
    while (!OVER.includes(job.state)) {
      this.jobs.set(job.id, job);
      this.#draw();
      await new Promise((done) => setTimeout(done, PAUSE));
      try {
        job = await api.job(job.id);
      } catch (error) {
        job = { ...job, state: "failed", message: error.message };
      }
    }
    this.jobs.delete(job.id);
    this.#draw();
    return job;
  }

  #draw() {
    show(this.root, [...this.jobs.values()].map((job) => this.#line(job)));
  }

  #line(job) {
    const known = job.total > 1;
    const text = job.state === "waiting" ? `${job.title}: waits for its turn` : job.doing || job.title;
    return h("div", { class: "job" },
      h("span", {}, known ? `${text} (${job.done + 1} of ${job.total})` : text),
      h("progress", { max: known ? job.total : null, value: known ? job.done : undefined, "aria-label": job.title }),
      button("Cancel", () => api.cancel(job.id).catch(() => {}), { id: `cancel-${job.id}`, "aria-label": `Cancel: ${job.title}` }));
  }
}
