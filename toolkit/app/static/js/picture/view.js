/** The picture with what was read drawn over it: zoom, pan, and things that can be dragged. */

import { h, plain, s } from "../dom.js";
import { toConfirm } from "./model.js";

const STEP = 1.25;
const INKS = 4;

/**
 * @typedef {Object} Hands  what the view tells of
 * @property {(arm: number, point: number) => void} select
 * @property {() => void} begin  something is about to change
 * @property {() => void} moved  something changed, and may change further
 * @property {() => void} end  the change is complete
 * @property {(px: number, py: number) => void} put  a point is to be added here
 */

export class PictureView {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    this.panel = null;
    this.size = { width: 800, height: 600 };
    this.selected = { arm: 0, point: -1 };
    this.adding = false;
    this.hidden = new Set();
    this.box = { x: 0, y: 0, width: 800, height: 600 };
    this.image = s("image", { x: 0, y: 0, class: "ground" });
    this.gaps = s("g", {});
    this.curves = s("g", {});
    this.axes = s("g", {});
    this.svg = s("svg", { id: "sheet", tabindex: "0", role: "application", "aria-roledescription": "figure with curves", "aria-describedby": "sheet-keys" },
      this.image, this.gaps, this.curves, this.axes);
    this.said = h("p", { class: "unseen", "aria-live": "polite" });
    this.svg.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.svg.addEventListener("pointerdown", (event) => this.#down(event));
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    this.svg.addEventListener("dblclick", (event) => this.panel && this.hands.put(...this.at(event)));
    new ResizeObserver(() => this.#frame()).observe(this.svg);
  }

  /**
   * Show a picture.
   * @param {string | null} address
   * @param {{width: number, height: number}} size  in units of the calibrations
   */
  ground(address, size) {
    this.size = size;
    if (address) this.image.setAttribute("href", address);
    else this.image.removeAttribute("href");
    for (const name of ["width", "height"]) this.image.setAttribute(name, size[name]);
  }

  /** Whole pixels of the picture for one pixel of the screen. */
  get grain() {
    const { width, height } = this.svg.getBoundingClientRect();
    return Math.max(this.box.width / Math.max(width, 1), this.box.height / Math.max(height, 1));
  }

  fit() {
    this.box = { x: 0, y: 0, ...this.size };
    this.#frame();
  }

  /** @param {number} factor @param {[number, number]} [centre] */
  zoom(factor, centre = [this.box.x + this.box.width / 2, this.box.y + this.box.height / 2]) {
    const width = Math.min(Math.max(this.box.width * factor, this.size.width / 60), this.size.width * 2);
    const by = width / this.box.width;
    this.box = {
      x: centre[0] - (centre[0] - this.box.x) * by, y: centre[1] - (centre[1] - this.box.y) * by,
      width, height: this.box.height * by,
    };
    this.#frame();
  }

  /** Bring a part of the picture into view. */
  reveal(left, top, right, bottom) {
    const width = Math.max(right - left, this.size.width / 6) * 1.5;
    const height = (width * this.size.height) / this.size.width;
    this.box = { x: (left + right) / 2 - width / 2, y: (top + bottom) / 2 - height / 2, width, height };
    this.#frame();
  }

  #frame() {
    const { x, y, width, height } = this.box;
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    if (this.panel) this.draw();
  }

  /** The place on the picture of a pointer. @param {MouseEvent} event @returns {[number, number]} */
  at(event) {
    const matrix = this.svg.getScreenCTM();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    return [point.x, point.y];
  }

  /** Draw everything over the picture anew. */
  draw() {
    const grain = this.grain;
    const { panel } = this;
    this.gaps.replaceChildren(...toConfirm(panel).filter((each) => each.gap && !this.hidden.has(panel.data.arms.indexOf(each.arm))).map((each) => this.#gap(each)));
    this.curves.replaceChildren(...panel.data.arms.flatMap((arm, number) => (this.hidden.has(number) ? [] : [this.#arm(arm, number, grain)])));
    const focused = this.axes.contains(document.activeElement) ? document.activeElement.id : "";
    this.axes.replaceChildren(...["x", "y"].flatMap((axis) => [0, 1].map((end) => this.#handle(axis, end, grain))));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  #gap({ arm, gap }) {
    const [x0] = this.panel.place(gap.from, 1);
    const [x1] = this.panel.place(gap.to, 1);
    const levels = arm.points.slice(gap.first, gap.last + 1).map((each) => this.panel.place(0, each[1])[1]);
    const half = Math.abs(this.panel.y.perUnit * this.panel.whole * gap.tolerance);
    const top = Math.min(...levels) - half;
    return s("rect", { class: "gap", x: x0, y: top, width: Math.max(x1 - x0, 0.5), height: Math.max(...levels) + half - top });
  }

  #arm(arm, number, grain) {
    const places = arm.points.map(([time, survival]) => this.panel.place(time, survival));
    const line = places.map(([x, y], at) => (at ? `H${x.toFixed(2)}V${y.toFixed(2)}` : `M${x.toFixed(2)} ${y.toFixed(2)}`)).join("");
    const chosen = number === this.selected.arm;
    const marks = arm.marks.map((time) => {
      const at = arm.points.findLastIndex((each) => each[0] <= time);
      const [x, y] = this.panel.place(time, arm.points[at]?.[1] ?? 1);
      return `M${x.toFixed(2)} ${(y - 7 * grain).toFixed(2)}V${(y - 2 * grain).toFixed(2)}`;
    }).join("");
    const points = chosen ? places.map(([x, y], at) => s("circle", {
      class: `point${at === this.selected.point ? " chosen" : ""}`, cx: x, cy: y,
      r: (at === this.selected.point ? 6 : 3.5) * grain, "stroke-width": 1.4 * grain, data: { point: at },
    })) : [];
    return s("g", { class: `arm ink-${number % INKS}${chosen ? " current" : ""}`, data: { arm: number } },
      s("path", { class: "halo", d: line, "stroke-width": 4 * grain }),
      s("path", { class: "line", d: line, "stroke-width": (chosen ? 2 : 1.4) * grain }),
      s("path", { class: "marks", d: marks, "stroke-width": 1.5 * grain }),
      s("path", { class: "catch", d: line, "stroke-width": 12 * grain, data: { catch: number } }),
      points);
  }

  #handle(axis, end, grain) {
    const [pixel, value] = this.panel.handles(axis)[end];
    const { left, bottom, right, top } = this.panel.box;
    const across = axis === "x";
    const line = across ? { x1: pixel, x2: pixel, y1: top, y2: bottom + 10 * grain } : { x1: left - 10 * grain, x2: right, y1: pixel, y2: pixel };
    const [x, y] = across ? [pixel, bottom + 10 * grain] : [left - 10 * grain, pixel];
    const words = across ? `Time axis at ${plain(value)} ${this.panel.unit}` : `Survival axis at ${plain(value)}${this.panel.whole === 100 ? "%" : ""}`;
    return s("g", {
      class: "handle", id: `handle-${axis}-${end}`, tabindex: "0", role: "slider", "aria-label": words, "aria-orientation": across ? "horizontal" : "vertical",
      "aria-valuemin": 0, "aria-valuemax": Math.round(across ? this.size.width : this.size.height), "aria-valuenow": plain(pixel, 1), "aria-valuetext": `pixel ${plain(pixel, 1)}`,
      data: { axis, end },
    },
      s("line", { ...line, "stroke-width": 1.2 * grain }),
      s("circle", { cx: x, cy: y, r: 8 * grain, "stroke-width": 1.5 * grain }),
      s("text", { x: across ? x : x - 11 * grain, y: across ? y + 24 * grain : y + 4 * grain, "font-size": 13 * grain, "text-anchor": across ? "middle" : "end" }, plain(value)));
  }

  #wheel(event) {
    event.preventDefault();
    this.zoom(event.deltaY > 0 ? STEP : 1 / STEP, this.at(event));
  }

  #down(event) {
    const target = /** @type {any} */ (event.target);
    const handle = target.closest("[data-axis]");
    if (event.button !== 0 || !this.panel) return;
    if (handle) this.#drag(event, this.#axisMover(handle.dataset.axis, Number(handle.dataset.end)));
    else if (target.dataset.point !== undefined) this.#dragPoint(event, Number(target.dataset.point));
    else if (this.adding) this.hands.put(...this.at(event));
    else if (target.dataset.catch !== undefined) this.#pick(event, Number(target.dataset.catch));
    else this.#pan(event);
  }

  #pick(event, arm) {
    const [px] = this.at(event);
    const points = this.panel.data.arms[arm].points.map((each) => Math.abs(this.panel.x.pixel(each[0]) - px));
    this.hands.select(arm, points.indexOf(Math.min(...points)));
  }

  #dragPoint(event, point) {
    this.hands.select(this.selected.arm, point);
    const arm = this.panel.data.arms[this.selected.arm];
    this.#drag(event, (px, py) => this.panel.movePoint(arm, point, ...this.panel.read(px, py)));
  }

  /** A function that moves one end of an axis; always from where everything was at the start. */
  #axisMover(axis, end) {
    const calibration = this.panel.handles(axis).map((each) => [...each]);
    const arms = structuredClone(this.panel.data.arms);
    return (px, py) => {
      this.panel.data[`${axis}_axis`].calibration = calibration.map((each) => [...each]);
      this.panel.data.arms.forEach((arm, number) => Object.assign(arm, structuredClone({ points: arms[number].points, marks: arms[number].marks })));
      this.panel.measure();
      const moved = calibration.map((each) => [...each]);
      moved[end][0] = axis === "x" ? px : py;
      this.panel.setAxis(axis, moved, this.grain); // a hand is as exact as the screen
    };
  }

  /** Follow the pointer until it is let go. @param {PointerEvent} event @param {(px: number, py: number) => void} move */
  #drag(event, move) {
    event.preventDefault();
    this.svg.focus({ preventScroll: true });
    this.svg.setPointerCapture(event.pointerId);
    let begun = false;
    const react = (moved) => {
      if (!begun) this.hands.begin();
      begun = true;
      move(...this.at(moved));
      this.draw();
      this.hands.moved();
    };
    this.#untilReleased(event, react, () => begun && this.hands.end());
  }

  #pan(event) {
    this.svg.setPointerCapture(event.pointerId);
    const start = this.at(event);
    this.#untilReleased(event, (moved) => {
      const [x, y] = this.at(moved);
      this.box = { ...this.box, x: this.box.x + start[0] - x, y: this.box.y + start[1] - y };
      this.#frame();
    }, () => {});
  }

  #untilReleased(event, react, finish) {
    const stop = new AbortController();
    const over = () => {
      stop.abort();
      finish();
    };
    const options = { signal: stop.signal };
    this.svg.addEventListener("pointermove", react, options);
    this.svg.addEventListener("pointerup", over, options);
    this.svg.addEventListener("pointercancel", over, options);
  }

  /** Keys: they move the axis handle or the point that is chosen, a pixel at a time. */
  #key(event) {
    if (!this.panel || event.ctrlKey || event.metaKey || event.altKey) return;
    const handle = /** @type {any} */ (event.target).closest("[data-axis]");
    const far = event.shiftKey ? 10 : 1;
    const [dx, dy] = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] }[event.key] ?? [0, 0];
    if (handle && (dx || dy)) this.#nudgeAxis(handle.dataset.axis, Number(handle.dataset.end), dx, dy);
    else if (dx || dy) this.#nudgePoint(dx, dy);
    else if (!this.#command(event.key)) return;
    event.preventDefault();
  }

  #nudgeAxis(axis, end, dx, dy) {
    const [pixel] = this.panel.handles(axis)[end];
    this.hands.begin();
    const by = axis === "x" ? dx : dy;
    this.#axisMover(axis, end)(pixel + by, pixel + by);
    this.draw();
    this.hands.end();
  }

  #nudgePoint(dx, dy) {
    const arm = this.panel.data.arms[this.selected.arm];
    const point = arm?.points[this.selected.point];
    if (!point) {
      this.box = { ...this.box, x: this.box.x + (dx * this.box.width) / 20, y: this.box.y + (dy * this.box.height) / 20 };
      this.#frame();
      return;
    }
    const [px, py] = this.panel.place(point[0], point[1]);
    this.hands.begin();
    this.panel.movePoint(arm, this.selected.point, ...this.panel.read(px + dx, py + dy));
    this.hands.end();
  }

  /** @param {string} key @returns {boolean} whether the key is one of ours */
  #command(key) {
    const { arm, point } = this.selected;
    const count = this.panel.data.arms[arm]?.points.length ?? 0;
    const commands = {
      "+": () => this.zoom(1 / STEP), "=": () => this.zoom(1 / STEP), "-": () => this.zoom(STEP), 0: () => this.fit(),
      PageDown: () => this.hands.select(arm, Math.min(point + 1, count - 1)), PageUp: () => this.hands.select(arm, Math.max(point - 1, 0)),
      Home: () => this.hands.select(arm, 0), End: () => this.hands.select(arm, count - 1),
      Escape: () => this.hands.select(arm, -1),
      Delete: () => this.hands.remove(), Backspace: () => this.hands.remove(), Insert: () => this.hands.insert(), a: () => this.hands.insert(),
    };
    commands[key]?.();
    return key in commands;
  }
}
