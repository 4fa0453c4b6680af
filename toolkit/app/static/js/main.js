/** The page: its steps, and what stands around them. */

import * as api from "./api.js";
import { App } from "./app.js";
import { button, h, show } from "./dom.js";
import { JobStrip } from "./jobs.js";
import { numbersStep } from "./steps/numbers.js";
import { paperStep } from "./steps/paper.js";
import { pictureStep } from "./steps/picture.js";
import { verdictStep } from "./steps/verdict.js";

/**
 * A step, shown in the middle of the page.
 * @typedef {{refresh?: () => void, leave?: () => void, undo?: () => any, redo?: () => any,
 *   canUndo?: () => boolean, canRedo?: () => boolean}} Step
 */

/** @type {Record<string, (root: Element, app: App, strip: JobStrip) => Step>} */
const STEPS = { paper: paperStep, picture: pictureStep, numbers: numbersStep, verdict: verdictStep };
const NAMES = Object.keys(STEPS);

const find = (id) => /** @type {any} */ (document.getElementById(id));
const app = new App();
const strip = new JobStrip(find("jobs"));
/** @type {Step} */
let current = {};
let name = "";

function go(to) {
  location.hash = to;
}

/** Show the step that the address names. */
function route(focus = true) {
  const wanted = location.hash.slice(1);
  if (wanted === "main" || !app.schema) return; // the link that skips to it; nothing to show yet
  const next = NAMES.includes(wanted) ? wanted : "paper";
  current.leave?.();
  name = next;
  for (const link of document.querySelectorAll("#steps a")) {
    if (link.getAttribute("href") === `#${name}`) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
  const place = NAMES.indexOf(name);
  find("back").disabled = place === 0;
  find("next").hidden = place === NAMES.length - 1;
  const main = find("main");
  main.replaceChildren();
  current = STEPS[name](main, app, strip);
  if (focus) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  buttons();
}

function buttons() {
  find("undo").disabled = !(current.canUndo?.() ?? app.history.canUndo);
  find("redo").disabled = !(current.canRedo?.() ?? app.history.canRedo);
  find("saving").textContent = app.waiting ? "Saving" : "";
  document.body.dataset.saving = app.waiting ? "yes" : "no";
}

/** Tell why something was refused; a picture that could not be read can be read by hand. */
function complain({ message, picture }) {
  const close = () => show(find("alert"));
  const byHand = () => {
    close();
    sessionStorage.setItem("kmrepro.figure", `by-hand:${picture}`);
    go("picture");
  };
  show(find("alert"), h("p", {}, message), picture && button("Set the axes by hand", byHand, { id: "by-hand", class: "primary" }), button("Close", close));
}

function undo() {
  return current.undo ? current.undo() : app.undo();
}

function redo() {
  return current.redo ? current.redo() : app.redo();
}

/** Ctrl+Z and its like; a field that is being written in has its own. @param {KeyboardEvent} event */
function shortcut(event) {
  const field = /** @type {any} */ (event.target);
  if (!(event.ctrlKey || event.metaKey) || /^(textarea|select)$/i.test(field.tagName)) return;
  if (field.tagName === "INPUT" && field.value !== field.defaultValue) return;
  const key = event.key.toLowerCase();
  if (key === "z" || key === "y") {
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  }
}

async function start() {
  find("undo").addEventListener("click", undo);
  find("redo").addEventListener("click", redo);
  find("back").addEventListener("click", () => go(NAMES[NAMES.indexOf(name) - 1]));
  find("next").addEventListener("click", () => go(NAMES[NAMES.indexOf(name) + 1]));
  addEventListener("hashchange", () => route());
  addEventListener("keydown", shortcut);
  app.addEventListener("refused", (event) => complain(/** @type {CustomEvent} */ (event).detail));
  app.addEventListener("saving", buttons);
  app.addEventListener("history", buttons);
  for (const kind of ["study", "endpoint"]) {
    app.addEventListener(kind, () => {
      current.refresh?.();
      buttons();
    });
  }
  // What was dropped beside the place for it must not take the page away.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  try {
    await app.refresh();
    find("folder").textContent = app.study.folder;
    document.title = `${app.study.folder}: kmrepro`;
    app.schema = await api.schema();
    route(false);
    document.body.dataset.ready = "yes";
    for (const job of await api.jobs()) {
      strip.follow(job).then(() => app.refresh());
    }
  } catch (error) {
    complain(error);
  }
}

start();
