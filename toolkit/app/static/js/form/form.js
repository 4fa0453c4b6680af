/** The form of a study file, made from its schema: common fields first, the others folded away. */

import { button, h } from "../dom.js";
import { Fields, idOf } from "./fields.js";
import { describe, labelOf, resolved } from "./schema.js";

/** @typedef {import("../app.js").Place} Place */

/** Keys that most papers have something for; the others are folded away unless they are filled. */
const COMMON = {
  study: ["id", "title", "citation", "doi", "time_unit"],
  endpoint: ["cohort", "name", "label", "source", "reference"],
  arm: ["n", "landmarks", "events", "median", "median_ci", "at_risk", "curve"],
  verdict: ["n", "landmarks", "events", "median", "median_ci"],
  reported: ["hazard_ratio", "ci", "p", "test"],
};
const OWN = ["arms", "endpoint", "table", "statement", "flow", "reported"]; // shown in places of their own

export class Form {
  /** @param {import("../app.js").App} app */
  constructor(app) {
    this.app = app;
    this.fields = new Fields(app);
    /** Which of the folded parts were opened. @type {Set<string>} */
    this.opened = new Set();
  }

  /** @param {Place} place @param {string[]} common */
  #group(place, common) {
    const node = place.length ? describe(place, this.app.schema) : this.app.schema;
    const keys = Object.keys(resolved(node, this.app.schema).properties).filter((key) => !OWN.includes(key));
    const filled = (key) => this.app.at([...place, key]) !== undefined || this.fields.remarks([...place, key]).faults.length > 0;
    const first = keys.filter((key) => common.includes(key) || filled(key));
    const rest = keys.filter((key) => !first.includes(key));
    const id = `${idOf(place)}--more`;
    return [
      h("div", { class: "fields" }, first.map((key) => this.fields.field([...place, key]))),
      rest.length > 0 && h("details", {
        class: "more", open: this.opened.has(id) || null,
        on: { toggle: (event) => (event.target.open ? this.opened.add(id) : this.opened.delete(id)) },
      },
        h("summary", { id }, `More: ${rest.map((key) => labelOf(key).toLowerCase()).join(", ")}`),
        h("div", { class: "fields" }, rest.map((key) => this.fields.field([...place, key])))),
    ];
  }

  /** What is wrong with a table as a whole. @param {Place} place */
  #own(place) {
    const { faults, doubts } = this.fields.remarks(place, false);
    return [...faults.map((each) => h("p", { class: "fault" }, each.text)), ...doubts.map((each) => h("p", { class: "doubt" }, `${each.text}.`))];
  }

  /** The paper as a whole. */
  study() {
    return h("section", { class: "part", "aria-labelledby": "of-paper" },
      h("h3", { id: "of-paper" }, "The paper"), this.#own([]), this.#group([], COMMON.study),
      this.app.at(["arms"]) && this.fields.field(["arms"], "Arms"));
  }

  /** An endpoint as a whole. @param {number} number */
  endpoint(number) {
    const place = ["endpoint", number];
    return h("section", { class: "part", "aria-labelledby": "of-endpoint" },
      h("h3", { id: "of-endpoint" }, "The endpoint"), this.#own(place), this.#group(place, COMMON.endpoint));
  }

  /** The numbers of the arms that a verdict follows most. @param {number} number */
  knobs(number) {
    const names = Object.keys(this.app.at(["endpoint", number, "arms"]) ?? {});
    return names.map((name) => {
      const place = ["endpoint", number, "arms", name];
      const id = `${idOf(place)}--title`;
      return h("section", { class: "part", "aria-labelledby": id }, h("h3", { id }, name),
        h("div", { class: "fields" }, COMMON.verdict.map((key) => this.fields.field([...place, key]))));
    });
  }

  /** The arms of an endpoint, side by side. @param {number} number */
  arms(number) {
    const names = Object.keys(this.app.at(["endpoint", number, "arms"]) ?? {});
    const arms = names.map((name) => {
      const place = ["endpoint", number, "arms", name];
      const label = this.app.at([...place, "label"]) ?? this.app.at(["arms", name]);
      const id = `${idOf(place)}--title`;
      return h("section", { class: "part arm", "aria-labelledby": id },
        h("h3", { id }, name, label && label !== name && h("small", {}, ` ${label}`)), this.#own(place), this.#group(place, COMMON.arm),
        names.length > 1 && h("p", {}, button("Remove this arm", () => this.app.edit([{ place, value: null }]), { class: "small", "aria-label": `Remove arm ${name}` })));
    });
    return [h("div", { class: "arms" }, arms), h("p", { class: "buttons" }, button("Add an arm", () => this.#addArm(number), { id: "add-arm", class: "small" }))];
  }

  #addArm(number) {
    const known = [...Object.keys(this.app.at(["arms"]) ?? {}), ...Object.keys(this.app.at(["endpoint", number, "arms"]) ?? {})];
    const here = Object.keys(this.app.at(["endpoint", number, "arms"]) ?? {});
    const listed = known.find((name) => !here.includes(name));
    const name = listed ?? freeName("arm", known);
    this.app.edit([
      ...(listed ? [] : [{ place: ["arms", name], value: name }]),
      { place: ["endpoint", number, "arms", name], value: { n: "?" } },
    ]);
  }

  /** Add an endpoint with the arms of the one that is shown. */
  async #addEndpoint() {
    const { endpoints } = this.app.study;
    const arms = Object.keys(this.app.at(["endpoint", this.app.endpointNumber, "arms"]) ?? { control: {}, new: {} });
    const taken = (this.app.at(["endpoint"]) ?? []).map((each) => each.name);
    const name = ["OS", "PFS", "DFS", "EFS"].find((each) => !taken.includes(each)) ?? freeName("endpoint", taken);
    const value = { name, reference: arms[0], arms: Object.fromEntries(arms.map((arm) => [arm, { n: "?" }])) };
    await this.app.edit([{ place: ["endpoint", endpoints.length], value }]);
    this.app.chooseEndpoint(this.app.study.endpoints.at(-1));
  }

  #removeEndpoint() {
    this.app.edit([{ place: ["endpoint", this.app.endpointNumber], value: null }]);
  }

  /** The comparison as the paper reports it. @param {number} number */
  reported(number) {
    const arms = Object.keys(this.app.at(["endpoint", number, "arms"]) ?? {});
    if (arms.length < 2) return null;
    const place = ["endpoint", number, "reported"];
    const reference = this.app.at(["endpoint", number, "reference"]);
    const versus = arms.length === 2 && arms.includes(reference) ? `${arms.find((each) => each !== reference)} versus ${reference}` : "of the arms";
    return h("section", { class: "part", "aria-labelledby": "of-comparison" },
      h("h3", { id: "of-comparison" }, `The comparison as reported, ${versus}`), this.#own(place), this.#group(place, COMMON.reported));
  }

  /** The choice of the endpoint that is shown. */
  endpoints() {
    const { endpoints } = this.app.study;
    if (endpoints.length < 2) return null;
    return h("div", { class: "choose" }, h("label", { for: "endpoint" }, "Endpoint"),
      h("select", { id: "endpoint", on: { change: (event) => this.app.chooseEndpoint(event.target.value) } },
        endpoints.map((key, number) => h("option", { value: key, selected: key === this.app.endpoint }, `${key}${this.#state(number)}`))));
  }

  /** Buttons that add an endpoint, and take away the one that is shown. */
  endpointButtons() {
    return h("p", { class: "buttons" },
      button("Add an endpoint", () => this.#addEndpoint(), { id: "add-endpoint", class: "small" }),
      this.app.study.endpoints.length > 1 && button(`Remove ${this.app.endpoint}`, () => this.#removeEndpoint(), { id: "remove-endpoint", class: "small" }));
  }

  #state(number) {
    const { faults } = this.fields.remarks(["endpoint", number]);
    return faults.length ? ` (${faults.length} to put right)` : "";
  }

  /** Everything that is wrong or odd, with links to its fields. */
  summary() {
    const { study } = this.app;
    const line = (each, kind) => h("li", { class: kind }, this.#link(each.place), ` ${each.text}`);
    return study.faults.length + study.questions.length + study.doubts.length > 0 && h("section", { class: "summary", "aria-labelledby": "to-settle" },
      h("h3", { id: "to-settle" }, study.faults.length ? "To put right" : "To look at"),
      h("ul", {}, study.faults.map((each) => line(each, "fault")), study.questions.map((each) => line(each, "question")), study.doubts.map((each) => line(each, "doubt"))));
  }

  #link(place) {
    const words = place.map((step) => (typeof step === "number" ? step + 1 : step)).join(".");
    if (!words) return h("strong", {}, "The file:");
    return button(words, () => this.#jump(place), { class: "link" });
  }

  /** Go to the field of a place, in the endpoint that it is of. @param {Place} place */
  #jump(place) {
    if (place[0] === "endpoint" && typeof place[1] === "number") this.app.chooseEndpoint(this.app.study.endpoints[place[1]]);
    for (let length = place.length; length > 0; length -= 1) {
      const found = document.getElementById(idOf(place.slice(0, length)));
      if (found) {
        found.closest("details")?.setAttribute("open", "");
        const target = found.matches("input, select, textarea") ? found : found.querySelector("input, select, textarea") ?? found;
        /** @type {any} */ (target).focus();
        return;
      }
    }
  }
}

/** A name that none of some has. @param {string} stem @param {string[]} taken */
function freeName(stem, taken) {
  let number = taken.length + 1;
  while (taken.includes(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}
