/** What stands beside the picture: things to confirm, axes, arms, points, and the study's arms. */

import * as api from "../api.js";
import { button, h, plain } from "../dom.js";
import { toConfirm } from "./model.js";

/** @typedef {import("./desk.js").Desk} Desk */

const UNITS = ["days", "weeks", "months", "years"];

/** A part with a heading. */
function part(id, title, ...children) {
  return h("section", { class: "part", "aria-labelledby": id }, h("h3", { id }, title), children);
}

/** A number in a field; what is no number is refused, and the field shows what was there. */
function number(desk, id, label, value, take) {
  return h("input", {
    type: "text", inputmode: "decimal", id, value, "aria-label": label, autocomplete: "off",
    on: { change: (event) => {
      const text = event.target.value.trim().replace("%", "");
      if (text !== "" && Number.isFinite(+text)) take(+text);
      else {
        event.target.value = value;
        desk.app.fail(new Error(`${label}: a number is needed.`));
      }
    } },
  });
}

/** @param {Desk} desk */
export function confirmPart(desk) {
  const { document, panel } = desk;
  const things = toConfirm(panel);
  const tick = (text, done) => desk.change(() => {
    document.confirmed = document.confirmed.filter((each) => each !== text);
    if (done) document.confirmed.push(text);
  });
  const line = (each, at) => h("li", {},
    h("label", {}, h("input", { type: "checkbox", id: `confirm-${at}`, checked: document.confirmed.includes(each.text), on: { change: (event) => tick(each.text, event.target.checked) } }), ` ${each.text}`),
    each.gap && button("Show", () => reveal(desk, each), { class: "small", "aria-label": `Show: ${each.text}` }),
    each.cell && button("Go to the cell", () => window.document.getElementById(cellId(each.cell.arm, each.cell.time))?.focus(), { class: "small" }));
  const open = things.filter((each) => !document.confirmed.includes(each.text)).length;
  return part("to-confirm", open ? `To confirm: ${open}` : things.length ? "All confirmed" : "To confirm",
    things.length ? h("ul", { class: "confirm" }, things.map(line)) : h("p", { class: "faint" }, "The reader was sure of everything. Compare it with the picture all the same."),
    panel.data.remarks.length > 0 && h("p", {}, h("strong", {}, "In the figure: "), panel.data.remarks.join("; "), ". Enter it with the numbers."));
}

function reveal(desk, { arm, gap }) {
  const { panel, view } = desk;
  const heights = arm.points.slice(gap.first, gap.last + 1).map((each) => each[1]);
  const [x0, y0] = panel.place(gap.from, Math.max(...heights));
  const [x1, y1] = panel.place(gap.to, Math.min(...heights));
  desk.select(panel.data.arms.indexOf(arm), gap.first);
  view.reveal(x0, Math.min(y0, y1), x1, Math.max(y0, y1));
}

/** @param {Desk} desk */
export function axesPart(desk) {
  const { panel } = desk;
  const set = (axis, end, value) => {
    const handles = panel.handles(axis).map((each) => [...each]);
    handles[end][1] = value;
    desk.begin();
    if (panel.setAxis(axis, handles)) desk.changed();
    else {
      desk.history.past.pop();
      desk.app.fail(new Error("The two places of an axis need different values."));
      desk.redraw();
    }
  };
  const field = (axis, end, label) => number(desk, `${axis}-${end}`, label, plain(panel.handles(axis)[end][1], 4), (value) => set(axis, end, value));
  return part("axes", "Axes",
    h("p", { class: "faint" }, "Drag the handles to two labels of each axis, and give the labels' values."),
    h("div", { class: "axis-fields" },
      h("span", {}, "Time"), h("span", { class: "pair" }, field("x", 0, "Time axis, first value"), " to ", field("x", 1, "Time axis, last value")),
      h("label", { for: "unit" }, "Unit"),
      h("select", { id: "unit", on: { change: (event) => desk.change(() => (panel.data.x_axis.unit = event.target.value || null)) } },
        h("option", { value: "" }, "not given"), UNITS.map((each) => h("option", { value: each, selected: each === panel.data.x_axis.unit }, each))),
      h("span", {}, panel.whole === 100 ? "Survival, %" : "Survival"), h("span", { class: "pair" }, field("y", 0, "Survival axis, lowest value"), " to ", field("y", 1, "Survival axis, highest value"))),
    desk.document.source && h("p", {}, button(desk.isByHand ? "Read the curves with these axes" : "Read the curves again with these axes", () => desk.readAgain(), { id: "read-again", class: desk.isByHand ? "primary" : null })),
    desk.document.source && h("label", {}, h("input", { type: "checkbox", id: "by-colour", checked: desk.byColour, on: { change: (event) => (desk.byColour = event.target.checked) } }), " and by the arms' names and colours below"));
}

/** @param {Desk} desk */
export function armsPart(desk) {
  const { panel, view } = desk;
  const rename = (arm, event) => {
    const name = event.target.value.trim();
    if (!name || panel.data.arms.some((each) => each !== arm && each.name === name)) {
      desk.app.fail(new Error("Every arm needs a name of its own."));
      event.target.value = arm.name;
    } else desk.change(() => panel.rename(arm, name));
  };
  const toggle = (at, shown) => {
    if (shown) view.hidden.delete(at);
    else view.hidden.add(at);
    view.draw();
  };
  return part("arms", "Arms",
    h("table", { class: "grid" },
      h("thead", {}, h("tr", {}, ["Edit", "Name", "Colour", "Points", "Shown", "Remove"].map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", {}, panel.data.arms.map((arm, at) => h("tr", {},
        h("td", {}, h("input", { type: "radio", name: "arm", id: `arm-${at}`, "aria-label": `Edit the points of ${arm.name}`, checked: at === view.selected.arm, on: { change: () => desk.select(at, -1) } })),
        h("td", {}, h("span", { class: `swatch ink-${at % 4}`, "aria-hidden": "true" }), h("input", { type: "text", id: `name-${at}`, value: arm.name, "aria-label": `Name of arm ${at + 1}`, autocomplete: "off", on: { change: (event) => rename(arm, event) } })),
        h("td", {}, h("input", { type: "color", id: `color-${at}`, value: arm.color, "aria-label": `Colour of ${arm.name} in the figure`, on: { change: (event) => desk.change(() => (arm.color = event.target.value)) } })),
        h("td", {}, arm.points.length),
        h("td", {}, h("input", { type: "checkbox", id: `shown-${at}`, "aria-label": `Show ${arm.name}`, checked: !view.hidden.has(at), on: { change: (event) => toggle(at, event.target.checked) } })),
        h("td", {}, button("×", () => desk.removeArm(at), { class: "small", "aria-label": `Remove ${arm.name}`, disabled: panel.data.arms.length < 2 })))))),
    h("p", {}, button("Add an arm", () => desk.addArm(), { id: "new-arm", class: "small" })));
}

/** @param {Desk} desk */
export function pointPart(desk) {
  const { panel, view, arm } = desk;
  const { point } = view.selected;
  const chosen = arm?.points[point];
  const move = (time, survival) => desk.change(() => panel.movePoint(arm, point, time, survival));
  const go = (to) => desk.select(view.selected.arm, Math.min(Math.max(to, 0), arm.points.length - 1));
  return part("point", chosen ? `Point ${point + 1} of ${arm.points.length}, ${arm.name}` : `Points of ${arm?.name}`,
    h("p", { class: "buttons" },
      button("Previous", () => go(point - 1), { id: "point-previous" }), button("Next", () => go(point + 1), { id: "point-next" }),
      button("Add after it", () => desk.insert(), { id: "point-add" }), button("Delete", () => desk.remove(), { id: "point-delete", disabled: !chosen })),
    chosen && h("div", { class: "axis-fields" },
      h("span", {}, `Time${panel.unit ? `, ${panel.unit}` : ""}`), number(desk, "point-time", "Time of the point", plain(chosen[0], 3), (value) => move(value, chosen[1])),
      h("span", {}, "Survival, %"), number(desk, "point-survival", "Survival at the point, in percent", plain(100 * chosen[1], 2), (value) => move(chosen[0], value / 100))),
    h("details", { class: "more", id: "sheet-keys-box" }, h("summary", {}, "Keys"), h("p", { id: "sheet-keys" },
      "On the picture: Page Down and Page Up choose a point, arrows move it by a pixel (by ten with Shift), Insert or A adds one, Delete removes it. ",
      "Plus, minus and 0 zoom; arrows pan when no point is chosen. Tab reaches the handles of the axes, which arrows move.")));
}

/** @param {string} arm @param {number} time */
export function cellId(arm, time) {
  return `cell-${arm.replace(/\W/g, "_")}-${String(time).replace(".", "_")}`;
}

/**
 * Which arms of the study the curves are of.
 * @param {Desk} desk
 */
export function usePart(desk) {
  const { app, panel, key } = desk;
  const file = `${key === "figure" ? "" : `${key}/`}${panel.data.files.curves}`;
  const where = (arm) => app.study.used?.find((each) => each[0] === file && each[1] === arm.was)?.[2];
  const used = panel.data.arms.map((arm) => [arm, where(arm)]);
  const inUse = used.filter(([, place]) => place);
  return part("in-study", "In the study",
    inUse.length > 0 && h("ul", {}, inUse.map(([arm, place]) => h("li", {}, `${arm.name}: ${place}`))),
    inUse.length === 0 && h("p", {}, "These curves are in no endpoint of the study file yet."),
    inUse.length < used.length && app.study.content && chooser(desk));
}

function chooser(desk) {
  const { app, panel, key, number: at } = desk;
  const target = app.study.endpoints.indexOf(desk.target ?? "");
  const names = target < 0 ? [] : Object.keys(app.at(["endpoint", target, "arms"]) ?? {});
  const chosen = {};
  const use = async () => {
    await desk.flush();
    const arms = Object.fromEntries(Object.entries(chosen).map(([arm, select]) => [arm, select.value]).filter(([, value]) => value));
    await app.enqueue(async () => app.takeStudy(await api.use(key, { panel: at, endpoint: target < 0 ? null : target, arms })));
  };
  return h("div", {},
    h("label", { for: "use-endpoint" }, "Put them into "),
    h("select", { id: "use-endpoint", on: { change: (event) => {
      desk.target = event.target.value;
      desk.redraw();
    } } },
      h("option", { value: "" }, "an endpoint of their own"), app.study.endpoints.map((each, place) => h("option", { value: each, selected: place === target }, each))),
    names.length > 0 && h("div", { class: "axis-fields" }, panel.data.arms.map((arm, place) => {
      const select = h("select", { id: `use-arm-${place}` }, h("option", { value: "" }, "none"), names.map((name, order) => h("option", { value: name, selected: order === place }, name)));
      chosen[arm.name] = select;
      return [h("label", { for: `use-arm-${place}` }, `${arm.name} is`), select];
    })),
    h("p", {}, button("Put in", use, { id: "use" })));
}
