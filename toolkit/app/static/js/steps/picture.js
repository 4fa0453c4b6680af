/** Step 2: what was read from a figure, over the figure, and corrected there. */

import { button, h, show } from "../dom.js";
import { BY_HAND, Desk } from "../picture/desk.js";
import { gridPart } from "../picture/grid.js";
import { armsPart, axesPart, confirmPart, pointPart, usePart } from "../picture/panels.js";

const KEPT = "kmrepro.figure";

/**
 * @param {Element} root
 * @param {import("../app.js").App} app
 * @param {import("../jobs.js").JobStrip} strip
 */
export function pictureStep(root, app, strip) {
  const above = h("div", { class: "toolbar" });
  const side = h("div", { class: "side" });
  const below = h("div");
  const redraw = () => {
    if (!desk.panel || !desk.document) return;
    show(above, toolbar());
    show(side, confirmPart(desk), axesPart(desk), armsPart(desk), desk.isByHand ? null : [pointPart(desk), usePart(desk)]);
    show(below, desk.isByHand ? null : gridPart(desk));
    sessionStorage.setItem(KEPT, desk.key);
  };
  const desk = new Desk(app, strip, redraw);
  const { view } = desk;

  const open = async (key) => {
    sessionStorage.setItem(KEPT, key);
    try {
      await desk.open(key);
    } catch (error) {
      app.fail(error);
    }
    document.body.dataset.figure = key;
    app.dispatchEvent(new Event("history"));
  };

  const toolbar = () => [
    app.figures.length > 1 && h("span", {}, h("label", { for: "figure" }, "Figure "),
      h("select", { id: "figure", on: { change: (event) => open(event.target.value) } }, app.figures.map((key) => h("option", { value: key, selected: key === desk.key }, key)))),
    desk.document.panels.length > 1 && h("span", {}, h("label", { for: "panel" }, "Panel "),
      h("select", { id: "panel", on: { change: (event) => desk.choose(Number(event.target.value)) } },
        desk.document.panels.map((panel, at) => h("option", { value: at, selected: at === desk.number }, panel.label ?? panel.panel)))),
    h("span", { class: "buttons", role: "group", "aria-label": "Zoom" },
      button("Zoom in", () => view.zoom(1 / 1.5), { id: "zoom-in" }), button("Zoom out", () => view.zoom(1.5), { id: "zoom-out" }), button("Whole picture", () => view.fit(), { id: "zoom-fit" })),
    button("Add points by clicking", () => {
      view.adding = !view.adding;
      view.svg.classList.toggle("adding", view.adding);
      redraw();
    }, { id: "adding", "aria-pressed": String(view.adding) }),
    h("label", { class: "strength" }, "Picture ", h("input", { type: "range", id: "strength", min: 0, max: 1, step: 0.05, value: view.image.getAttribute("opacity") ?? 0.7, on: { input: (event) => view.image.setAttribute("opacity", event.target.value) } })),
  ];

  root.append(h("h2", { class: "step-title" }, "Check what was read against the picture"));
  const kept = sessionStorage.getItem(KEPT) ?? "";
  if (!app.figures.length && !kept.startsWith(BY_HAND)) {
    root.append(h("p", {}, "There is no figure in the folder. ", h("a", { href: "#paper" }, "Drop one"), ", or go on: numbers alone are enough."));
    return {};
  }
  view.image.setAttribute("opacity", "0.7");
  root.append(above, h("div", { class: "bench" }, h("div", { class: "sheet" }, view.svg, view.said), side), below);
  open(app.figures.includes(kept) || kept.startsWith(BY_HAND) ? kept : app.figures[0]);
  return {
    refresh: redraw,
    leave: () => desk.flush(),
    undo: () => desk.undo(),
    redo: () => desk.redo(),
    canUndo: () => desk.history?.canUndo ?? false,
    canRedo: () => desk.history?.canRedo ?? false,
  };
}
