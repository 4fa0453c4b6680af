/** The report's first screen for one endpoint, made of the texts that the server sends. */

import { h } from "../dom.js";

const classOf = (verdict) => verdict.replaceAll(" ", "-");

/** @param {any} found  as the server's verdict */
export function cards({ summary, section, note }) {
  const row = section.verdict;
  const sentences = (list, look) => list.map((each) => h("p", { class: look }, each));
  return h("div", { class: "cards" },
    h("div", { class: "card" }, h("h3", {}, "What the paper claims"), sentences(summary.claims)),
    h("div", { class: "card" }, h("h3", {}, "What follows from its numbers"), sentences(summary.follows)),
    h("div", { class: "card" }, h("h3", {}, "Verdict"),
      row ? [h("p", { class: "lead" }, h("span", { class: classOf(row.verdict), id: "the-verdict" }, row.verdict)), h("p", {}, row.sentence), h("p", { class: "faint" }, note)]
        : h("p", {}, "No two arms could be compared.")));
}

/** @param {any} section */
export function ratios({ verdict: row }) {
  if (!row) return null;
  return table("Hazard ratio", `Hazard ratio, ${row.contrast}.`, ["From", "Hazard ratio (95% CI)", "p"], [
    ["The paper", row.reported, row.reported_p], ["The reconstructed patients", row.reproduced, row.reproduced_p],
  ], { id: "ratios" });
}

/** @param {any} section */
export function landmarks({ landmarks: found }) {
  if (!found) return null;
  const rows = found.rows.map((each) => [each.arm, each.what, each.printed, each.reproduced, h("span", { class: each.inside }, each.inside)]);
  return table("Reported survival", `Reported survival and medians: ${found.finding}.`, ["Arm", "Number", "Reported", "Reproduced", "Inside"], rows);
}

/** @param {any} section */
export function assumptions({ assumptions: found }) {
  return h("details", {}, h("summary", {}, `What was assumed: ${found.length}`), h("ul", {}, found.map((each) => h("li", {}, each))));
}

function table(label, caption, heads, rows, properties = {}) {
  return h("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label },
    h("table", properties, h("caption", {}, caption),
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((each) => h("td", {}, each)))))));
}
