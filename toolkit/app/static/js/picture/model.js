/**
 * The reading of one panel, and what a person may change in it. Points are kept as values of the
 * study (time, survival, tolerance); where they are on the picture follows from the axes.
 */

import { Scale, isAxis } from "./scale.js";

/** @typedef {[number, number, number]} Point  time, survival (a fraction), tolerance */

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const WIDE = 1.6; // a tolerance so many times the usual one is of a part that was not seen

export class Panel {
  /** @param {any} data  a panel of the document; it is changed in place */
  constructor(data) {
    this.data = data;
    this.measure();
  }

  /** Take the axes as they are now. */
  measure() {
    this.x = new Scale(this.data.x_axis.calibration);
    this.y = new Scale(this.data.y_axis.calibration);
    this.whole = this.data.y_axis.kind === "percent" ? 100 : 1;
    this.rises = this.data.orientation === "incidence";
  }

  get unit() {
    return this.data.x_axis.unit ?? "";
  }

  /** Where a time and a survival are on the picture. @param {number} time @param {number} survival */
  place(time, survival) {
    return [this.x.pixel(time), this.y.pixel(this.whole * (this.rises ? 1 - survival : survival))];
  }

  /** The time and survival at a place of the picture. @param {number} px @param {number} py */
  read(px, py) {
    const height = this.y.value(py) / this.whole;
    return [this.x.value(px), this.rises ? 1 - height : height];
  }

  /** The plot on the picture: left, top, right, bottom. */
  get box() {
    const xs = this.data.x_axis.calibration.map((each) => each[0]);
    const ys = [this.y.pixel(0), this.y.pixel(this.whole), ...this.data.y_axis.calibration.map((each) => each[0])];
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  }

  /** The two places of an axis that are handles: its lowest and its highest value. @param {"x" | "y"} axis */
  handles(axis) {
    const points = [...this.data[`${axis}_axis`].calibration].sort((one, other) => one[1] - other[1]);
    return [points[0], points[points.length - 1]];
  }

  /**
   * Move an axis. The curves stay where they are on the picture, so their values change.
   * @param {"x" | "y"} axis
   * @param {Array<[number, number]>} calibration
   * @param {number} [slack]  how exactly the places were set, in units of the picture
   * @returns {boolean} whether it is an axis
   */
  setAxis(axis, calibration, slack = 0) {
    if (!isAxis(calibration)) return false;
    const places = this.data.arms.map((arm) => ({
      points: arm.points.map(([time, survival]) => this.place(time, survival)),
      marks: arm.marks.map((time) => this.x.pixel(time)),
      height: arm.points.map((each) => Math.max(Math.abs(each[2] * this.whole * this.y.perUnit), axis === "y" ? slack : 0)),
    }));
    this.data[`${axis}_axis`].calibration = calibration.map((each) => [...each]);
    this.measure();
    this.data.arms.forEach((arm, number) => {
      const { points, marks, height } = places[number];
      arm.points = points.map(([px, py], at) => [...this.read(px, py), height[at] / Math.abs(this.whole * this.y.perUnit)]);
      arm.marks = marks.map((px) => this.x.value(px)).filter((time) => time > 0);
      tidy(arm.points);
    });
    return true;
  }

  /** The usual tolerance of an arm. @param {any} arm */
  tolerance(arm) {
    const sorted = arm.points.map((each) => each[2]).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? 0.005;
  }

  /**
   * Move a point, as far as its neighbours allow: a curve neither runs back nor rises.
   * @param {any} arm @param {number} at @param {number} time @param {number} survival
   */
  movePoint(arm, at, time, survival) {
    const [before, after] = [arm.points[at - 1], arm.points[at + 1]];
    arm.points[at] = [
      clamp(time, before?.[0] ?? 0, after?.[0] ?? Infinity),
      clamp(survival, after?.[1] ?? 0, before?.[1] ?? 1),
      Math.min(arm.points[at][2], this.tolerance(arm)), // a person has seen it
    ];
  }

  /**
   * Add a point; it is put between its neighbours in time.
   * @param {any} arm @param {number} time @param {number} survival
   * @returns {number} its number
   */
  addPoint(arm, time, survival) {
    const at = arm.points.findIndex((each) => each[0] > time);
    const place = at < 0 ? arm.points.length : at;
    arm.points.splice(place, 0, [Math.max(0, time), survival, this.tolerance(arm)]);
    this.movePoint(arm, place, time, survival);
    return place;
  }

  /** Delete a point; two have to stay. @param {any} arm @param {number} at */
  deletePoint(arm, at) {
    if (arm.points.length > 2) arm.points.splice(at, 1);
    return Math.min(at, arm.points.length - 1);
  }

  /** Parts of a curve that were covered or missing. @param {any} arm */
  gaps(arm) {
    const usual = this.tolerance(arm);
    const found = [];
    arm.points.forEach(([time, , tolerance], at) => {
      if (tolerance <= WIDE * usual) return;
      const end = arm.points[at + 1]?.[0] ?? time;
      const last = found[found.length - 1];
      if (last && last.last === at - 1) Object.assign(last, { last: at, to: end, tolerance: Math.max(last.tolerance, tolerance) });
      else found.push({ first: at, last: at, from: time, to: end, tolerance });
    });
    return found.filter((each) => each.to > each.from);
  }

  /** Times that the table of numbers at risk has. */
  get times() {
    const all = this.data.at_risk.flatMap((row) => row.cells.map((cell) => cell[0]));
    return [...new Set(all)].sort((one, other) => one - other);
  }

  /** A number at risk, or undefined. @param {string} arm @param {number} time */
  atRisk(arm, time) {
    return this.data.at_risk.find((row) => row.arm === arm)?.cells.find((cell) => cell[0] === time)?.[1];
  }

  /** @param {string} arm @param {number} time @param {number | null} count  null takes it away */
  setAtRisk(arm, time, count) {
    let row = this.data.at_risk.find((each) => each.arm === arm);
    if (!row) this.data.at_risk.push((row = { arm, cells: [] }));
    row.cells = row.cells.filter((cell) => cell[0] !== time);
    if (count !== null) row.cells.push([time, count]);
    row.cells.sort((one, other) => one[0] - other[0]);
  }

  /** Give an arm another name, also in the table. @param {any} arm @param {string} name */
  rename(arm, name) {
    for (const row of this.data.at_risk) if (row.arm === arm.name) row.arm = name;
    arm.name = name;
  }
}

/** Keep a curve within the plot, and its times and heights in order. @param {Point[]} points */
function tidy(points) {
  let [time, survival] = [0, 1];
  for (const point of points) {
    point[0] = time = Math.max(time, point[0], 0);
    point[1] = survival = clamp(point[1], 0, survival);
  }
}

/**
 * What a person should look at in a panel: what the reader was unsure of, and gaps in curves.
 * @param {Panel} panel
 * @returns {Array<{text: string, arm?: any, gap?: any, cell?: {time: number, arm: string}}>}
 */
export function toConfirm(panel) {
  const unsure = panel.data.unsure.map((text) => ({ text, cell: cellOf(text) }));
  const gaps = panel.data.arms.flatMap((arm) => panel.gaps(arm).map((gap) => ({
    text: `${arm.name}: not seen from ${+gap.from.toFixed(1)} to ${+gap.to.toFixed(1)} ${panel.unit}`.trim(), arm, gap,
  })));
  return [...unsure, ...gaps];
}

/** The cell of the table that a sentence is about. @param {string} text */
function cellOf(text) {
  const found = /cell at (\S+) of row '(.*)' could/.exec(text);
  return found ? { time: Number(found[1]), arm: found[2] } : undefined;
}
