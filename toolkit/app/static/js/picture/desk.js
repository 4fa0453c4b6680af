/** A reading that is being corrected: its document, its history, and how it is saved. */

import * as api from "../api.js";
import { History } from "../history.js";
import { Panel } from "./model.js";
import { PictureView } from "./view.js";

const PAUSE = 350; // ms after the last change until it is saved
/** Before the name of a picture in which nothing was read, where others have a figure's key. */
export const BY_HAND = "by-hand:";

export class Desk {
  /**
   * @param {import("../app.js").App} app
   * @param {import("../jobs.js").JobStrip} strip
   * @param {() => void} redraw  draws what stands around the picture
   */
  constructor(app, strip, redraw) {
    this.app = app;
    this.strip = strip;
    this.redraw = redraw;
    this.key = "";
    /** @type {any} */
    this.document = null;
    /** @type {Panel | null} */
    this.panel = null;
    this.number = 0;
    this.timer = 0;
    this.view = new PictureView({
      select: (arm, point) => this.select(arm, point),
      begin: () => this.begin(),
      moved: () => {},
      end: () => this.changed(),
      put: (px, py) => this.put(px, py),
      remove: () => this.remove(),
      insert: () => this.insert(),
    });
  }

  /** @param {string} key  of a figure */
  async open(key) {
    await this.flush();
    this.key = key;
    this.document = null; // until it is here
    this.history = new History(`figure.${key}`);
    this.byColour = this.isByHand;
    const document = await (this.isByHand ? api.byHand(this.name) : api.figure(key));
    const size = await this.#size(document);
    if (this.key !== key) return; // another was chosen meanwhile
    this.document = document;
    this.view.ground(document.has_image ? this.image : null, size);
    this.choose(Math.min(this.number, this.document.panels.length - 1));
    this.view.fit();
  }

  /** Whether a person has still to say where the axes are; nothing of it is saved before. */
  get isByHand() {
    return this.key.startsWith(BY_HAND);
  }

  /** Name of the picture that is read by hand. */
  get name() {
    return this.key.slice(BY_HAND.length);
  }

  /** Address of the picture. */
  get image() {
    return this.isByHand ? api.pictureOf(this.name) : api.imageOf(this.key);
  }

  /** The picture's size in units of the calibrations. @param {any} document */
  async #size(document) {
    if (document.has_image) {
      const image = new Image();
      image.src = this.image;
      await image.decode();
      return { width: image.naturalWidth / document.image_scale, height: image.naturalHeight / document.image_scale };
    }
    const boxes = document.panels.map((panel) => new Panel(panel).box);
    return { width: 1.15 * Math.max(...boxes.map((each) => each.right)), height: 1.25 * Math.max(...boxes.map((each) => each.bottom)) };
  }

  /** @param {number} number  of a panel, from 0 */
  choose(number) {
    this.number = number;
    this.panel = new Panel(this.document.panels[number]);
    /** Times of columns of the table that are still empty. @type {Set<number>} */
    this.newTimes = new Set();
    this.view.panel = this.panel;
    this.view.selected = { arm: 0, point: -1 };
    this.view.draw();
    this.redraw();
  }

  /** The arm whose points are shown. */
  get arm() {
    return this.panel.data.arms[this.view.selected.arm];
  }

  /** @param {number} arm @param {number} point  -1 for none */
  select(arm, point) {
    this.view.selected = { arm, point };
    this.view.hidden.delete(arm);
    this.view.draw();
    this.redraw();
    this.view.said.textContent = this.describe();
  }

  /** The chosen point in words. */
  describe() {
    const { point } = this.view.selected;
    const found = this.arm?.points[point];
    if (!found) return `${this.arm?.name}: no point chosen`;
    return `${this.arm.name}, point ${point + 1} of ${this.arm.points.length}: ${+found[0].toFixed(2)} ${this.panel.unit}, ${(100 * found[1]).toFixed(1)}%`;
  }

  /** Remember how it is before a change. */
  begin() {
    this.history.push(this.document);
  }

  /** Show and save what has changed. */
  changed() {
    this.view.draw();
    this.redraw();
    this.view.said.textContent = this.describe();
    this.app.dispatchEvent(new Event("history"));
    if (this.isByHand) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
    document.body.dataset.saving = "yes";
  }

  /** Change something in one go. @param {() => void} change */
  change(change) {
    this.begin();
    change();
    this.changed();
  }

  /** Save now what waits to be saved. */
  async flush() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = 0;
    const { key, document: changed } = this;
    const sent = structuredClone(changed);
    for (const panel of changed.panels) for (const arm of panel.arms) arm.was = arm.name;
    await this.app.enqueue(async () => {
      const before = this.app.study.text;
      const study = await api.correct(key, sent);
      if (study.text !== before) this.app.history.clear(); // its texts are of the picture before
      this.app.takeStudy(study);
    });
  }

  undo() {
    if (this.document) this.#step(this.history.undo(this.document));
  }

  redo() {
    if (this.document) this.#step(this.history.redo(this.document));
  }

  #step(document) {
    if (document === undefined) return;
    // Names on the disk are those of now, whatever they were then.
    document.panels.forEach((panel, number) => panel.arms.forEach((arm, at) => {
      arm.was = this.document.panels[number].arms[at]?.was ?? arm.was;
    }));
    this.document = document;
    const { selected } = this.view;
    this.panel = new Panel(document.panels[this.number]);
    this.view.panel = this.panel;
    selected.point = Math.min(selected.point, (this.panel.data.arms[selected.arm]?.points.length ?? 0) - 1);
    this.changed();
  }

  // Points -----------------------------------------------------------------------------------------

  put(px, py) {
    const [time, survival] = this.panel.read(px, py);
    this.change(() => (this.view.selected.point = this.panel.addPoint(this.arm, time, survival)));
  }

  /** Add a point after the chosen one, half way to the next. */
  insert() {
    const { point } = this.view.selected;
    const [one, next] = [this.arm.points[Math.max(point, 0)], this.arm.points[Math.max(point, 0) + 1]];
    const time = next ? (one[0] + next[0]) / 2 : one[0] + Math.abs(8 / this.panel.x.perUnit);
    this.change(() => (this.view.selected.point = this.panel.addPoint(this.arm, time, one[1])));
  }

  remove() {
    const { point } = this.view.selected;
    if (point < 0) return;
    this.change(() => (this.view.selected.point = this.panel.deletePoint(this.arm, point)));
  }

  // Reading again ----------------------------------------------------------------------------------

  /** Read the figure with its axes, and perhaps the arms' colours, as they are now. */
  async readAgain() {
    await this.flush();
    const axis = (name) => this.panel.handles(name).map(([pixel, value]) => [value, pixel]);
    const { arms } = this.panel.data;
    const hints = {
      replace: this.panel.data.panel, x_axis: axis("x"), y_axis: axis("y"), arms: arms.length,
      colours: this.byColour ? arms.map((arm) => [arm.name, arm.color]) : [],
    };
    try {
      const started = await (this.isByHand ? api.readByHand(this.name, hints) : api.readAgain(this.key, hints));
      const job = await this.strip.follow(started.job);
      if (job.state === "done") await this.#take(job.result.readings[0]);
      else if (job.state !== "cancelled") this.app.fail(new Error(job.message));
    } catch (error) {
      this.app.fail(error);
    }
  }

  /** Show what was read anew. @param {string} key */
  async #take(key) {
    const before = this.isByHand ? null : this.document;
    await this.open(key);
    if (before) this.history.push(before);
    this.timer = 1;
    await this.flush(); // the study file follows
    await this.app.refresh();
  }

  /** Add an arm, whose curve is to be read by its colour or set point by point. */
  addArm() {
    const { arms } = this.panel.data;
    const names = arms.map((arm) => arm.name);
    let number = arms.length + 1;
    while (names.includes(`Arm ${number}`)) number += 1;
    const [, end] = this.panel.handles("x");
    const arm = { name: `Arm ${number}`, color: "#000000", dash: "solid", length_read: 0, n: null, marks: [], points: [[0, 1, 0.01], [end[1], 1, 0.01]] };
    this.change(() => {
      arms.push(arm);
      this.view.selected = { arm: arms.length - 1, point: -1 };
    });
  }

  /** Take an arm away, with its numbers at risk. @param {number} at */
  removeArm(at) {
    const { data } = this.panel;
    if (data.arms.length < 2) return;
    this.change(() => {
      const [gone] = data.arms.splice(at, 1);
      data.at_risk = data.at_risk.filter((row) => row.arm !== gone.name);
      this.view.selected = { arm: 0, point: -1 };
    });
  }
}
