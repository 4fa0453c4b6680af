/** Step 1: a paper handed in, by file, by its words, or from the bundled ones. */

import * as api from "../api.js";
import { button, h, show } from "../dom.js";

const KINDS = ".png,.jpg,.jpeg,.tif,.tiff,.webp,.gif,.bmp,.svg,.pdf,.csv,.toml,.txt";

/**
 * @param {Element} root
 * @param {import("../app.js").App} app
 * @param {import("../jobs.js").JobStrip} strip
 */
export function paperStep(root, app, strip) {
  const has = h("section", { "aria-labelledby": "here" });
  const begin = h("div");
  const whose = h("div", { "aria-live": "polite" });

  /** Ask which arms of the study the curves of a CSV file are of. */
  const askWhose = (question, key = app.endpoint) => {
    const { file, curves } = question;
    const target = app.study.endpoints.indexOf(key);
    const names = Object.keys(app.at(["endpoint", target, "arms"]) ?? {});
    const called = (name) => [name, app.at(["arms", name])].filter(Boolean);
    const same = (name, curve) => called(name).some((each) => each.toLowerCase() === curve.toLowerCase());
    const selects = curves.map((curve, at) => h("select", { id: `whose-${at}` }, h("option", { value: "" }, "none of them"), names.map((name) => h("option", {
      value: name, selected: same(name, curve), // never by its place
    }, called(name).join(": ")))));
    const link = async () => {
      const arms = Object.fromEntries(curves.map((curve, at) => [curve, selects[at].value]));
      await app.enqueue(async () => {
        const before = app.study.text;
        const study = await api.linkPoints(file, { endpoint: target, arms });
        app.history.push(before);
        app.takeStudy(study);
        location.hash = "numbers";
      });
    };
    show(whose, h("section", { class: "part", "aria-labelledby": "whose" },
      h("h3", { id: "whose" }, `Which curves does ${file} hold?`),
      h("div", { class: "axis-fields" },
        h("label", { for: "whose-endpoint" }, "Endpoint"),
        h("select", { id: "whose-endpoint", on: { change: (event) => askWhose(question, event.target.value) } }, app.study.endpoints.map((each) => h("option", { value: each, selected: each === key }, each))),
        curves.map((curve, at) => [h("label", { for: `whose-${at}` }, curve ? `Its curve "${curve}" is of` : "Its curve is of"), selects[at]])),
      h("p", {}, button("Use them in the study", link, { id: "whose-link", class: "primary" }), button("Not now", () => show(whose), { id: "whose-not" }))));
    whose.querySelector("select")?.focus();
  };

  /** Follow work to its end, and show what came of it. */
  const finish = async (outcome, next) => {
    if (!outcome.job) {
      await app.refresh();
      if (outcome.state?.question) askWhose(outcome.state.question);
      else location.hash = next;
      return;
    }
    const job = await strip.follow(outcome.job);
    await app.refresh();
    if (job.state === "done") location.hash = next;
    else if (job.state !== "cancelled") app.fail(Object.assign(new Error(job.message), { picture: outcome.picture }));
  };

  const take = async (files) => {
    for (const file of files) {
      try {
        if (file.size > app.study.largest) {
          const [size, most] = [file.size, app.study.largest].map((bytes) => Math.ceil(bytes / 1e6));
          throw new Error(`${file.name} has ${size} MB, and at most ${most} MB are taken at once.`);
        }
        const outcome = await api.upload(file);
        await finish(outcome, next(outcome));
      } catch (error) {
        app.fail(error);
      }
    }
  };
  const next = (outcome) => (outcome.job && !outcome.job.title.includes("text") ? "picture" : "numbers");
  const attempt = (work, to) => async () => {
    try {
      const outcome = await work();
      if (outcome) await finish(outcome, to);
    } catch (error) {
      app.fail(error);
    }
  };

  const input = h("input", {
    type: "file", id: "file", multiple: true, accept: KINDS,
    on: { change: (event) => take([...event.target.files]) },
  });
  const zone = h("div", {
    class: "drop", id: "drop",
    on: {
      dragover: (event) => {
        event.preventDefault();
        zone.classList.add("over");
      },
      dragleave: () => zone.classList.remove("over"),
      drop: (event) => {
        event.preventDefault();
        event.stopPropagation();
        zone.classList.remove("over");
        take([...event.dataTransfer.files]);
      },
    },
  },
    h("label", { for: "file" }, h("strong", {}, "Drop files here, or choose them")),
    h("p", { class: "faint" }, "Figures (PNG, JPEG, TIFF, WebP, SVG), a PDF of the paper, a CSV file of digitised points, a study file."),
    input);

  // A figure can be pasted from the clipboard, wherever the page has the focus.
  const pasted = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) take(files);
  };
  addEventListener("paste", pasted);

  const words = h("textarea", { id: "words", rows: 6, spellcheck: "false" });
  const drawHere = () => {
    const { study, figures } = app;
    has.hidden = !study.exists && !figures.length;
    if (!study.exists && !figures.length) {
      show(has);
      return;
    }
    show(has, h("h2", { id: "here" }, "In this folder"), h("ul", { class: "here" },
      study.exists && h("li", {}, h("a", { href: "#numbers" }, study.file), `: ${describe(study)}`),
      figures.map((key) => h("li", {}, h("a", { href: "#picture", on: { click: () => sessionStorage.setItem("kmrepro.figure", key) } }, key === "figure" ? "Figure" : `Figure ${key}`), ": read; check it against the picture"))),
    study.exists && (study.unused ?? []).map((name) => h("p", {}, `${name} is in no endpoint yet. `, button("Say which curves it holds", attempt(async () => {
      askWhose(await api.points(name));
      return null;
    }), { class: "small" }))),
    study.exists && h("p", {}, h("a", { href: "#verdict" }, "To the verdict")));
  };

  // Made once: what is written into it stays, however often the folder changes.
  const papers = h("ul", { class: "papers" });
  const ways = h("div", { class: "columns" },
    h("section", { "aria-labelledby": "paste" },
      h("h2", { id: "paste" }, "Or paste its words"),
      h("label", { for: "words" }, "The abstract, or the passage with the results"),
      words,
      h("p", {}, button("Find the numbers", attempt(() => api.draft(words.value), "numbers"), { id: "draft", class: "primary" }))),
    h("section", { "aria-labelledby": "bundled" },
      h("h2", { id: "bundled" }, "Or take a bundled paper"),
      papers,
      h("h2", {}, "Or write the numbers yourself"),
      h("p", {}, button("Start with an empty form", attempt(api.blank, "numbers"), { id: "blank" }))));
  const drawBegin = () => {
    if (app.study.exists) {
      show(begin, h("p", { class: "faint" }, `Figures and CSV files of points that are dropped now are added to ${app.study.file}. For another paper, start kmrepro app in another folder.`));
    } else if (!ways.isConnected) show(begin, ways);
  };
  const drawPapers = (bundled) => show(papers, bundled.map((paper) => h("li", {},
    button(paper.id, attempt(() => api.takePaper(paper.id), "verdict"), { id: `paper-${paper.id}`, "aria-describedby": `title-${paper.id}` }),
    h("span", { id: `title-${paper.id}`, class: "faint" }, `${paper.title} (${paper.endpoints} endpoints)`))));

  root.append(h("h2", { class: "step-title" }, "Hand in a paper"), zone, whose, begin, has);
  drawHere();
  drawBegin();
  if (!app.study.exists) {
    api.papers().then(drawPapers).catch((error) => app.fail(error));
  }
  return {
    refresh: () => {
      drawHere();
      drawBegin();
    },
    leave: () => removeEventListener("paste", pasted),
  };
}

function describe(study) {
  const parts = [`${study.endpoints.length} endpoint${study.endpoints.length === 1 ? "" : "s"}`];
  if (study.faults.length) parts.push(`${study.faults.length} to put right`);
  if (study.questions.length) parts.push(`${study.questions.length} to decide`);
  return parts.join(", ");
}
