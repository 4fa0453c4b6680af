/** Numbers at risk: the cut-out of the picture that they are in, and a grid to correct them. */

import { button, h, plain, s } from "../dom.js";
import { cellId } from "./panels.js";

/** @param {import("./desk.js").Desk} desk */
export function gridPart(desk) {
  const { panel } = desk;
  const times = columns(desk);
  const { arms } = panel.data;
  const time = h("input", { type: "text", inputmode: "decimal", id: "new-time", "aria-label": "Time of another column", placeholder: "time", autocomplete: "off" });
  const add = () => {
    const value = Number(time.value);
    if (time.value.trim() === "" || !(value >= 0) || times.includes(value)) desk.app.fail(new Error("A column needs a time of its own, such as 12."));
    else {
      desk.newTimes.add(value); // an empty column is of the page alone
      desk.redraw();
    }
  };
  const remove = (each) => {
    desk.newTimes.delete(each);
    desk.change(() => arms.forEach((arm) => panel.setAtRisk(arm.name, each, null)));
  };
  return h("section", { class: "part at-risk", "aria-labelledby": "at-risk" },
    h("h3", { id: "at-risk" }, "Numbers at risk"),
    cutOut(desk),
    h("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": "Table of numbers at risk" },
      h("table", { class: "grid" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, panel.unit ? `At, ${panel.unit}` : "At"), times.map((each) => h("th", { scope: "col" }, plain(each, 3),
          button("×", () => remove(each), { class: "small", "aria-label": `Remove the column at ${plain(each, 3)}` }))))),
        h("tbody", {}, arms.map((arm, row) => h("tr", {}, h("th", { scope: "row" }, arm.name), times.map((each, column) => h("td", {}, cell(desk, arm.name, each, { row, column })))))))),
    h("p", { class: "add" }, time, button("Add a column", add, { class: "small", id: "add-column" })));
}

/** Times of the table, and of columns that were added and are still empty. */
function columns(desk) {
  return [...new Set([...desk.panel.times, ...desk.newTimes])].sort((one, other) => one - other);
}

function cell(desk, arm, time, { row, column }) {
  const count = desk.panel.atRisk(arm, time);
  const take = (event) => {
    const text = event.target.value.trim();
    if (text === "" || /^\d{1,7}$/.test(text)) desk.change(() => desk.panel.setAtRisk(arm, time, text === "" ? null : Number(text)));
    else {
      event.target.value = count ?? "";
      desk.app.fail(new Error("A number at risk is a whole number; leave the cell empty if it cannot be read."));
    }
  };
  /** Arrows up and down go to the row above and below. */
  const move = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const target = desk.panel.data.arms[row + by];
    if (target) document.getElementById(cellId(target.name, time))?.focus();
    else event.target.blur();
  };
  const rises = column > 0 && count > Math.min(...columns(desk).slice(0, column).map((each) => desk.panel.atRisk(arm, each) ?? Infinity));
  return h("input", {
    type: "text", inputmode: "numeric", id: cellId(arm, time), value: count ?? "", "aria-label": `${arm} at ${plain(time, 3)}`, autocomplete: "off",
    class: count === undefined || rises ? "unsure" : null, title: rises ? "It is larger than the number before it." : count === undefined ? "Not read." : null,
    on: { change: take, keydown: move },
  });
}

/** The part of the picture below the axis, as wide as the plot and what stands to its left. */
function cutOut(desk) {
  const { document: figure, panel, view } = desk;
  if (!figure.has_image) return null;
  const { left, right, bottom } = panel.box;
  const below = figure.panels.map((each) => Math.min(...each.y_axis.calibration.map((point) => point[0]))).filter((top) => top > bottom);
  const end = Math.min(view.size.height, ...below);
  const reach = right - left;
  const x = Math.max(0, left - 0.45 * reach);
  const width = Math.min(view.size.width, right + 0.08 * reach) - x;
  const height = Math.max(Math.min(end - bottom, 0.6 * reach), 1);
  return s("svg", { class: "cut-out", viewBox: `${x} ${bottom} ${width} ${height}`, preserveAspectRatio: "xMinYMin meet", role: "img", "aria-label": "What the picture shows below the time axis" },
    s("image", { href: desk.image, x: 0, y: 0, width: view.size.width, height: view.size.height }));
}
