/** The full reproduction, and what can be downloaded of it. */

import * as api from "../api.js";
import { button, h, show } from "../dom.js";

/** Files that most readers want, in this order, with what they are. */
const WORDS = [
  [/^report\.html$/, "Report"], [/^summary\.html$/, "Summary of one page"], [/^summary\.docx$/, "Summary, for Word"],
  [/^ipd\//, "Patients"], [/^reproduce\.R$/, "R script"], [/^comparison\.csv$/, "Comparison"],
  [/^results\.json$/, "All results"], [/^audit\.csv$/, "Audit"], [/^figures\/.*\.pdf$/, "Figure, PDF"], [/^figures\/.*\.svg$/, "Figure, SVG"], [/^figures\/.*\.png$/, "Figure, PNG"], [/^figures\/.*\.csv$/, "What a figure shows, CSV"],
];

export class Results {
  /**
   * @param {import("../app.js").App} app
   * @param {import("../jobs.js").JobStrip} strip
   */
  constructor(app, strip) {
    this.app = app;
    this.strip = strip;
    this.running = false;
    this.root = h("section", { class: "part", "aria-labelledby": "downloads" });
    this.refresh();
  }

  async refresh() {
    try {
      this.draw(await api.results());
    } catch (error) {
      this.app.fail(error);
    }
  }

  draw({ files, current, study }) {
    const link = (name, words) => h("li", {}, h("a", { href: `download/${name.split("/").map(encodeURIComponent).join("/")}`, download: true }, words), " ", h("span", { class: "faint" }, name));
    const order = WORDS.flatMap(([pattern, words]) => files.filter((name) => pattern.test(name)).map((name) => [name, words]));
    const figures = order.filter(([name]) => name.startsWith("figures/"));
    const rest = order.filter(([name]) => !name.startsWith("figures/"));
    const list = (pairs) => h("ul", { class: "files" }, pairs.map(([name, words]) => link(name, words)));
    show(this.root,
      h("h3", { id: "downloads" }, "Full reproduction and downloads"),
      h("p", {}, files.length === 0 ? "Not made yet. It draws 2000 data sets for each comparison and writes report, patients, figures and scripts."
        : current ? "Made from the study file as it is now." : h("strong", {}, "Made from an earlier state of the study: make it again.")),
      h("p", {}, button(files.length ? "Make it again" : "Make the full reproduction", () => this.make(), { id: "reproduce", class: "primary", disabled: this.running || this.app.study.faults.length > 0 })),
      list([[study, "Study file"], [study.replace(/\.toml$/, ".xlsx"), "Excel workbook"], ...rest]),
      figures.length > 0 && h("details", {}, h("summary", {}, `Figures: ${figures.length} files`), list(figures)));
  }

  async make() {
    this.running = true;
    this.refresh();
    try {
      const job = await this.strip.follow((await api.reproduce()).job);
      if (job.state === "refused" || job.state === "failed") this.app.fail(new Error(job.message));
    } catch (error) {
      this.app.fail(error);
    }
    this.running = false;
    await this.refresh();
  }
}
