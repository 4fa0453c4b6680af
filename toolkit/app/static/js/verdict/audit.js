/** Whether the paper's own numbers agree with each other. */

import * as api from "../api.js";
import { h, show } from "../dom.js";

const PAUSE = 1200; // ms after the last change
const HEADINGS = {
  error: ["Errors", "No rounding and no usual method makes these numbers agree."],
  warning: ["Warnings", "Only an unusual method makes these numbers agree."],
  note: ["Notes", "May be correct; check."],
};

export class Audit {
  /**
   * @param {import("../app.js").App} app
   * @param {import("../jobs.js").JobStrip} strip
   */
  constructor(app, strip) {
    this.app = app;
    this.strip = strip;
    this.root = h("section", { class: "part findings", "aria-labelledby": "audit" });
    this.text = "";
    this.timer = 0;
    this.#draw(null);
  }

  /** Look again if the study file has changed. */
  refresh() {
    if (this.app.study.text === this.text) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#look(), this.text ? PAUSE : 0);
  }

  leave() {
    clearTimeout(this.timer);
  }

  async #look() {
    this.text = this.app.study.text;
    if (this.app.study.faults.length) return;
    try {
      const job = await this.strip.follow((await api.audit()).job);
      if (job.state === "done") this.#draw(job.result);
      else if (job.state !== "cancelled") this.app.fail(new Error(job.message));
    } catch (error) {
      this.app.fail(error);
    }
  }

  #draw(found) {
    const group = (severity) => {
      const list = found.findings.filter((each) => each.severity === severity);
      if (!list.length) return null;
      const [title, meaning] = HEADINGS[severity];
      return h("details", { open: severity === "error" || null }, h("summary", {}, `${title}: ${list.length}. ${meaning}`), h("ol", {}, list.map((each) => h("li", { class: severity },
        h("strong", {}, each.place), h("p", {}, each.sentence), h("p", { class: "faint" }, `Reported: ${each.printed}. Expected: ${each.expected}.`)))));
    };
    show(this.root, h("h3", { id: "audit" }, "Do the paper's own numbers agree?"),
      found ? [h("p", {}, `${found.summary}.`), Object.keys(HEADINGS).map(group)] : h("p", { class: "faint" }, "Not checked yet."));
  }
}
