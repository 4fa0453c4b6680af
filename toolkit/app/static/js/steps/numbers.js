/** Step 3: the study file as a form, each number with the words that it was found in. */

import { button, h, show } from "../dom.js";
import { Form } from "../form/form.js";

/**
 * @param {Element} root
 * @param {import("../app.js").App} app
 */
export function numbersStep(root, app) {
  const form = new Form(app);
  const body = h("div");
  let asText = false;

  const switcher = () => h("div", { class: "switch", role: "group", "aria-label": "View" },
    button("Form", () => change(false), { id: "as-form", "aria-pressed": String(!asText) }),
    button("Text of the file", () => change(true), { id: "as-text", "aria-pressed": String(asText) }));
  const change = (to) => {
    asText = to;
    draw();
  };

  const textView = () => {
    const text = h("textarea", { id: "toml", rows: 30, spellcheck: "false", "aria-label": `Text of ${app.study.file}`, value: app.study.text });
    return [h("p", { class: "faint" }, "Tables, statements and flow diagrams are written here."), text,
      h("p", {}, button("Save the text", () => app.replace(text.value), { id: "save-text", class: "primary" }))];
  };

  const formView = () => {
    if (!app.study.content) return [h("p", {}, "The file cannot be read as TOML; put it right in its text.")];
    const number = app.endpointNumber;
    const others = ["table", "statement", "flow"].map((key) => [key, app.at([key])?.length ?? 0]).filter(([, count]) => count);
    return [
      form.summary(), form.endpoints(), form.arms(number), form.reported(number), form.endpoint(number), form.endpointButtons(), form.study(),
      others.length > 0 && h("p", { class: "faint" }, `The file also has ${others.map(([key, count]) => `${count} ${key}${count > 1 ? "s" : ""}`).join(", ")}, for the audit: see its text.`),
    ];
  };

  const draw = () => {
    if (!app.study.exists) {
      show(body, h("p", {}, "There is no study file yet: ", h("a", { href: "#paper" }, "hand in a paper"), "."));
      return;
    }
    show(body, switcher(), asText ? textView() : formView());
  };

  root.append(h("h2", { class: "step-title" }, "Check the numbers against the paper"), body);
  draw();
  return { refresh: draw };
}
