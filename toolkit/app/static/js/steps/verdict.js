/** Step 4: the report's first screen, which follows the numbers as they are changed. */

import * as api from "../api.js";
import { h, show } from "../dom.js";
import { Form } from "../form/form.js";
import { Audit } from "../verdict/audit.js";
import { assumptions, cards, landmarks, ratios } from "../verdict/cards.js";
import { Curves } from "../verdict/curves.js";
import { Results } from "../verdict/results.js";

/**
 * @param {Element} root
 * @param {import("../app.js").App} app
 * @param {import("../jobs.js").JobStrip} strip
 */
export function verdictStep(root, app, strip) {
  root.append(h("h2", { class: "step-title" }, "Are the reported hazard ratios consistent with the reported survival?"));
  if (!app.study.exists) {
    root.append(h("p", {}, "There is no study file yet: ", h("a", { href: "#paper" }, "hand in a paper"), "."));
    return {};
  }
  const form = new Form(app);
  const left = h("div", { class: "knobs" });
  const top = h("div", { "aria-live": "polite" });
  const plot = h("div");
  const tables = h("div");
  const curves = new Curves(plot);
  const audit = new Audit(app, strip);
  const results = new Results(app, strip);
  let asked = 0;

  const drawForm = () => {
    const number = app.endpointNumber;
    show(left, form.endpoints(), form.reported(number), form.knobs(number));
  };

  const refusal = (title, lines) => {
    curves.clear();
    show(tables);
    show(top, h("div", { class: "card refused" }, h("h3", {}, title), lines.map((line) => h("p", {}, line))));
  };

  /** Ask for the verdict; an answer that a later question has overtaken is dropped. */
  const ask = async () => {
    const mine = ++asked;
    document.body.dataset.verdict = "asked";
    if (app.study.faults.length) {
      refusal("No verdict: the study file is at fault", app.study.faults.slice(0, 4).map((each) => `${each.place.join(".")}: ${each.text}`));
    } else {
      try {
        const found = await api.verdict(app.endpoint);
        if (mine !== asked) return;
        if (found.refusal) refusal("No verdict: no patients can have these numbers, or too little is reported", [found.refusal]);
        else draw(found);
      } catch (error) {
        if (mine === asked) refusal("No verdict", [error.message]);
      }
    }
    if (mine === asked) document.body.dataset.verdict = "shown";
  };

  const draw = (found) => {
    show(top, cards(found));
    curves.show(found.section.chart);
    show(tables, ratios(found.section), landmarks(found.section), assumptions(found.section));
  };

  /** The question is sent first: the form is drawn while the server works on the answer. */
  const refresh = () => {
    const answered = ask();
    drawForm();
    audit.refresh();
    answered.then(() => results.refresh());
  };

  root.append(h("div", { class: "verdict-columns" },
    h("div", { class: "live" }, top, plot, tables),
    h("section", { class: "side", "aria-label": "The numbers" }, h("p", { class: "faint" }, "Change a number: curves and verdict follow."), left)),
    h("div", { class: "columns" }, results.root, audit.root));
  refresh();
  return { refresh, leave: () => audit.leave() };
}
