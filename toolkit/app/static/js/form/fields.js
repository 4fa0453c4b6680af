/** Fields of the form: each shows the value at one place of the study file and changes it there. */

import { button, h } from "../dom.js";
import { describe, kindOf, labelOf, resolved } from "./schema.js";

/** @typedef {import("../app.js").Place} Place */

/** A place as the id of its field. @param {Place} place */
export function idOf(place) {
  return `at-${place.map((step) => String(step).replace(/[^\w-]/g, (letter) => `_${letter.charCodeAt(0)}_`)).join("--")}`;
}

const same = (one, other) => one.length === other.length && one.every((step, at) => step === other[at]);
const within = (place, above) => above.length <= place.length && above.every((step, at) => step === place[at]);

export class Fields {
  /** @param {import("../app.js").App} app */
  constructor(app) {
    this.app = app;
  }

  get schema() {
    return this.app.schema;
  }

  /** @param {Place} place @param {any} value */
  #set(place, value) {
    const before = this.app.at(place);
    if (JSON.stringify(before ?? null) === JSON.stringify(value ?? null)) return;
    this.app.edit([{ place, value }]);
  }

  /** Faults and doubts at a place or below it. @param {Place} place */
  remarks(place, below = true) {
    const at = (each) => (below ? within(each.place, place) : same(each.place, place));
    return {
      faults: this.app.study.faults.filter(at),
      doubts: this.app.study.doubts.filter(at),
    };
  }

  #words(place) {
    return this.app.study.words.filter((each) => same(each.place, place)).flatMap((each) => each.text);
  }

  /**
   * A labelled field with the words that its value was found in, and what is wrong with it.
   * @param {Place} place
   * @param {string} [label]
   */
  field(place, label) {
    const key = String(place.at(-1));
    const node = describe(place, this.schema);
    const kind = kindOf(key, node, this.schema);
    const id = idOf(place);
    const { faults, doubts } = this.remarks(place);
    const words = this.#words(place);
    const notes = [
      ...faults.map((each) => h("p", { class: "fault" }, each.text)),
      ...doubts.map((each) => h("p", { class: "doubt" }, `${each.text}${each.text.endsWith("?") ? "" : "."}`)),
    ];
    const hints = [
      words.length > 0 && h("details", { class: "found", open: faults.length + doubts.length > 0 || null },
        h("summary", {}, "Found in"), words.map((each) => h("p", {}, each))),
    ];
    const about = notes.length ? `${id}-notes` : null;
    const input = key === "reference" ? this.#reference(place, id) : this.#input(kind, place, node, { id, about, bad: faults.length > 0 });
    const group = ["pair", "times", "landmarks", "names", "table"].includes(kind);
    const title = label ?? labelOf(key);
    return h(group ? "fieldset" : "div", { class: `field kind-${kind}${faults.length ? " bad" : ""}`, id: group ? id : null, "aria-describedby": group ? about : null },
      group ? h("legend", { title: resolved(node, this.schema).description }, title)
        : h("label", { for: id, title: resolved(node, this.schema).description }, title),
      input, h("div", { id: `${id}-notes` }, notes), hints);
  }

  #input(kind, place, node, looks) {
    const draw = {
      choice: () => this.#choice(place, node, looks),
      "yes-no": () => h("input", { type: "checkbox", id: looks.id, checked: this.app.at(place) === true, "aria-describedby": looks.about,
        on: { change: (event) => this.#set(place, event.target.checked || null) } }),
      pair: () => this.#pair(place, looks),
      times: () => this.#times(place, "Patients"),
      landmarks: () => this.#landmarks(place),
      names: () => this.#names(place),
      table: () => this.#table(place, node),
      numbers: () => this.#text(place, looks, { join: true }),
      other: () => h("output", { id: looks.id }, this.#asWords(this.app.at(place))),
    }[kind];
    return draw ? draw() : this.#text(place, looks, { whole: kind === "count", number: kind === "number", long: kind === "long" });
  }

  #text(place, { id, about, bad }, { whole = false, number = false, join = false, long = false } = {}) {
    const value = this.app.at(place);
    const shown = value === undefined ? "" : join && Array.isArray(value) ? value.join(", ") : String(value);
    const read = (text) => {
      const plain = text.trim();
      if (plain === "") return null;
      if (join) return plain.split(/[,;\s]+/).map((each) => (Number.isFinite(+each) ? +each : each));
      if (whole && /^\d{1,9}$/.test(plain)) return Number(plain);
      if (number && Number.isFinite(+plain)) return Number(plain);
      return plain;
    };
    const change = (event) => this.#set(place, read(event.target.value));
    const properties = { id, value: shown, "aria-describedby": about, "aria-invalid": bad ? "true" : null, spellcheck: "false", autocomplete: "off", on: { change } };
    return long ? h("textarea", { rows: shown.length > 160 ? 4 : 2, ...properties })
      : h("input", { type: "text", inputmode: whole ? "numeric" : null, ...properties });
  }

  #choice(place, node, { id, about }) {
    const value = this.app.at(place);
    const options = resolved(node, this.schema);
    const none = `${options.default ?? ""}`;
    return h("select", { id, "aria-describedby": about, on: { change: (event) => this.#set(place, event.target.value || null) } },
      h("option", { value: "", selected: value === undefined }, none ? `${none} (usual)` : ""),
      options.enum.map((each) => h("option", { value: each, selected: each === value }, each)));
  }

  /** One of the arms of the endpoint. */
  #reference(place, id) {
    const value = this.app.at(place);
    const arms = Object.keys(this.app.at([...place.slice(0, -1), "arms"]) ?? {});
    const names = value === undefined || arms.includes(value) ? arms : [value, ...arms];
    return h("select", { id, on: { change: (event) => this.#set(place, event.target.value || null) } },
      h("option", { value: "" }, "none"), names.map((each) => h("option", { value: each, selected: each === value }, each)));
  }

  /** Two limits; an interval in one text, such as "0.5 to 0.9", is shown as it is in the first. */
  #pair(place, { id, about, bad }) {
    const value = this.app.at(place);
    const limits = Array.isArray(value) ? value : [value ?? "", ""];
    const read = () => inputs.map((each) => each.value.trim());
    const change = () => {
      const [low, high] = read();
      this.#set(place, !low && !high ? null : high || !/ to |[-–]/.test(low) ? [low, high] : low);
    };
    const inputs = ["from", "to"].map((end, at) => h("input", {
      type: "text", id: `${id}--${at}`, value: String(limits[at] ?? ""), "aria-label": `${labelOf(String(place.at(-1)))}, ${end}`,
      "aria-describedby": about, "aria-invalid": bad ? "true" : null, autocomplete: "off", on: { change },
    }));
    return h("span", { class: "pair" }, inputs[0], " to ", inputs[1]);
  }

  #rows(place, heads, cells, add) {
    const times = Object.keys(this.app.at(place) ?? {});
    const id = idOf(place);
    const time = h("input", { type: "text", inputmode: "decimal", id: `${id}--new`, "aria-label": "Another time", placeholder: "time", autocomplete: "off" });
    const put = () => {
      if (/^\d+(\.\d+)?$/.test(time.value.trim())) add(time.value.trim());
      else if (time.value.trim()) this.app.fail(new Error("A time is a number, such as 12 or 2.5."));
    };
    time.addEventListener("keydown", (event) => {
      if (event.key === "Enter") put();
    });
    return h("div", {},
      times.length > 0 && h("table", { class: "grid" },
        h("thead", {}, h("tr", {}, [...heads, ""].map((head) => h("th", { scope: "col" }, head || h("span", { class: "unseen" }, "Remove"))))),
        h("tbody", {}, times.map((each) => h("tr", {},
          h("th", { scope: "row" }, h("input", {
            type: "text", inputmode: "decimal", id: `${id}--${each.replace(".", "_")}--time`, value: each, "aria-label": `Time ${each}`, autocomplete: "off",
            on: { change: (event) => this.app.edit([{ place: [...place, each], rename: event.target.value.trim() }]) },
          })),
          cells(each).map((cell) => h("td", {}, cell)),
          h("td", {}, button("Remove", () => this.app.edit([{ place: [...place, each], value: null }]), { class: "small", "aria-label": `Remove time ${each}` })))))),
      h("p", { class: "add" }, time, button("Add a time", put, { class: "small", id: `${id}--add` })));
  }

  #cell(place, value, { whole = false, label = "" } = {}) {
    const { faults } = this.remarks(place);
    return h("input", {
      type: "text", id: idOf(place), value: value ?? "", "aria-label": label, inputmode: whole ? "numeric" : null, autocomplete: "off",
      "aria-invalid": faults.length ? "true" : null,
      on: { change: (event) => {
        const text = event.target.value.trim();
        this.#set(place, text === "" ? null : whole && /^\d{1,9}$/.test(text) ? Number(text) : text);
      } },
    });
  }

  #times(place, what) {
    const values = this.app.at(place) ?? {};
    return this.#rows(place, ["Time", what],
      (time) => [this.#cell([...place, time], String(values[time]), { whole: true, label: `${what} at ${time}` })],
      (time) => this.app.edit([{ place: [...place, time], value: "?" }]));
  }

  #landmarks(place) {
    const values = this.app.at(place) ?? {};
    const cells = (time) => {
      const mark = values[time];
      const table = mark !== null && typeof mark === "object";
      const survival = [...place, time, ...(table ? ["survival"] : [])];
      const limits = table && Array.isArray(mark.ci) ? mark.ci : [table ? mark.ci ?? "" : "", ""];
      const change = () => {
        const ends = inputs.map((each) => each.value.trim());
        const number = table ? mark.survival : mark;
        this.#set([...place, time], ends.some(Boolean) ? { survival: number, ci: ends } : number);
      };
      const inputs = [0, 1].map((at) => h("input", {
        type: "text", id: `${idOf([...place, time])}--ci-${at}`, value: String(limits[at] ?? ""), "aria-label": `95% interval at ${time}, ${at ? "to" : "from"}`, autocomplete: "off", on: { change },
      }));
      return [this.#cell(survival, String(table ? mark.survival ?? "" : mark), { label: `Survival at ${time}` }), h("span", { class: "pair" }, inputs[0], " to ", inputs[1])];
    };
    return this.#rows(place, ["Time", "Survival", "95% interval"], cells, (time) => this.app.edit([{ place: [...place, time], value: "?" }]));
  }

  #names(place) {
    const names = Object.entries(this.app.at(place) ?? {});
    return h("table", { class: "grid" },
      h("thead", {}, h("tr", {}, ["Short name", "In full"].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, names.map(([name, label]) => h("tr", {},
        h("th", { scope: "row" }, h("input", {
          type: "text", id: `${idOf([...place, name])}--name`, value: name, "aria-label": `Short name of ${name}`, autocomplete: "off",
          on: { change: (event) => event.target.value.trim() && this.app.edit([{ place: [...place, name], rename_arm: event.target.value.trim() }]) },
        })),
        h("td", {}, this.#cell([...place, name], String(label), { label: `${name} in full` }))))));
  }

  #table(place, node) {
    const keys = Object.keys(resolved(node, this.schema).properties);
    return h("div", { class: "fields" }, keys.map((key) => this.field([...place, key])));
  }

  #asWords(value) {
    if (value === undefined) return "none";
    if (Array.isArray(value)) return `${value.length} values`;
    if (typeof value !== "object") return String(value);
    return Object.entries(value).map(([key, each]) => `${key} ${each}`).join(", ");
  }
}
