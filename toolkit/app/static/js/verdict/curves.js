/** The interactive curves: those of the report, with numbers that change. */

import { h } from "../dom.js";

/** @returns {any} what the report's own script offers */
const ofReport = () => /** @type {any} */ (globalThis).kmreproCurves;

export class Curves {
  /** @param {Element} root */
  constructor(root) {
    this.root = root;
    this.shape = "";
    /** @type {((data: any) => void) | null} */
    this.update = null;
  }

  /** @param {any} chart  as the report's template has it: `alt`, `arms`, `end`, `step`, `data` */
  show(chart) {
    const data = JSON.parse(chart.data);
    const shape = JSON.stringify([data.unit, data.step, chart.arms]);
    if (this.update && shape === this.shape) {
      this.update(data);
      this.root.querySelector("[data-part=plot]").setAttribute("aria-label", chart.alt);
      this.root.querySelector("[data-part=time]").setAttribute("max", chart.end);
      return;
    }
    this.shape = shape;
    const element = skeleton(chart);
    this.root.replaceChildren(element);
    this.update = ofReport().start(element, data);
  }

  clear() {
    this.root.replaceChildren();
    this.update = null;
  }
}

/** The elements that the report's script looks for, as in its template endpoint.html. */
function skeleton(chart) {
  const swatch = (arm) => h("span", { class: `swatch arm-${arm.look}`, "aria-hidden": "true" });
  const box = (properties, ...words) => h("label", {}, h("input", { type: "checkbox", ...properties }), " ", ...words);
  const act = (name, text) => h("button", { type: "button", "data-part": name }, text);
  return h("div", { class: "curves", role: "group", "aria-label": "Survival over time" },
    h("div", { class: "choices" },
      chart.arms.map((arm) => box({ checked: true, "data-arm": true }, swatch(arm), ` ${arm.name}`)),
      box({ checked: true, "data-part": "bands" }, "95% intervals"), box({ "data-part": "fit" }, "Fit the height")),
    h("div", { class: "plot", role: "img", "data-part": "plot", "aria-label": chart.alt }),
    h("div", { class: "reader" },
      h("label", { class: "time" }, "Time ", h("input", { type: "range", min: 0, max: chart.end, step: chart.step, "data-part": "time" })),
      h("span", { class: "buttons" }, act("in", "Zoom in"), act("out", "Zoom out"), act("reset", "Reset"))),
    h("table", { class: "readings" },
      h("caption", {}, "Read at ", h("strong", { "data-part": "at" }), ". Circles: reported survival; ticks: censored patients."),
      h("thead", {}, h("tr", {}, ["Arm", "Survival (95% CI)", "At risk"].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", { "data-part": "readings" }, chart.arms.map((arm) => h("tr", {}, h("th", { scope: "row" }, swatch(arm), ` ${arm.name}`), h("td"), h("td"))))));
}
