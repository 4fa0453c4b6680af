"use strict";
// The interactive curves of a report. Each .curves element holds its numbers as JSON, controls
// that stand in the page already, and places for the plot and for what is read off it.

const DASHES = [[], [8, 3], [2, 3], [9, 3, 2, 3], [14, 4], [4, 4], [7, 2, 2, 2, 2, 2], [14, 2, 4, 2]]; // by look
const FONT = "13px system-ui, sans-serif";
const percent = (value) => `${(100 * value).toFixed(1)}%`;

// How many values at the start of a sorted array pass a test that no later one passes.
function count(array, passes) {
  let low = 0, high = array.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(array[middle])) low = middle + 1; else high = middle;
  }
  return low;
}

function runningTotals(counts) {
  let sum = 0;
  return counts.map((each) => (sum += each));
}

// Survival and its interval, or null where nobody is followed any longer and some survived.
function survivalAt(arm, x) {
  const drops = count(arm.time, (time) => time <= x);
  const found = drops
    ? [arm.survival, arm.lower, arm.upper].map((values) => values[drops - 1])
    : [1, null, null];
  return x > arm.last && found[0] > 0 ? null : found;
}

// Patients still followed just before x, as papers print them: who leaves at x itself counts.
function atRisk(arm, x) {
  arm.gone ??= [[arm.time, runningTotals(arm.events)], [arm.censored, runningTotals(arm.counts)]];
  const gone = arm.gone.map(([times, sums]) => sums[count(times, (time) => time < x) - 1] ?? 0);
  return arm.n - gone[0] - gone[1];
}

// Times of all arms, then survival, lower and upper of each: the columns that uPlot draws.
function columns(data) {
  const times = data.arms.flatMap((arm) => [...arm.time, arm.last]);
  const grid = [...new Set([0, data.end, ...times])].sort((a, b) => a - b);
  return [grid, ...data.arms.flatMap((arm) => {
    const values = grid.map((x) => (x > arm.last ? null : survivalAt(arm, x)));
    return [0, 1, 2].map((place) => values.map((each) => (each ? each[place] : null)));
  })];
}

// The heights that show the arms from one time to another, with their intervals or without.
function heights(arms, from, to, intervals) {
  const ends = arms.map((arm) => survivalAt(arm, Math.min(to, arm.last)));
  const low = Math.min(1, ...ends.map((end) => (intervals ? end[1] : null) ?? end[0]));
  const high = Math.max(0, ...arms.map((arm) => (survivalAt(arm, from) ?? [0])[0]));
  if (high < low) return [0, 1];
  const margin = Math.max(0.02, 0.1 * (high - low));
  return [Math.max(0, low - margin), Math.min(1, high + margin)];
}

function ticks(u, arm) {
  const half = 3 * devicePixelRatio;
  u.ctx.beginPath();
  for (const x of arm.censored) {
    const left = u.valToPos(x, "x", true), top = u.valToPos(survivalAt(arm, x)[0], "y", true);
    u.ctx.moveTo(left, top - half);
    u.ctx.lineTo(left, top + half);
  }
  u.ctx.stroke();
}

// Printed numbers as circles, each on a bar over what rounds to it.
function circles(u, arm) {
  const at = (x, y) => [u.valToPos(x, "x", true), u.valToPos(y, "y", true)];
  for (const [x, y, early, late, low, high] of arm.points) {
    u.ctx.beginPath();
    u.ctx.moveTo(...at(early, low));
    u.ctx.lineTo(...at(late, high));
    u.ctx.stroke();
    u.ctx.beginPath();
    u.ctx.arc(...at(x, y), 3.5 * devicePixelRatio, 0, 2 * Math.PI);
    u.ctx.fill();
    u.ctx.stroke();
  }
}

function drawMarks(u, arms, colour) {
  const { left, top, width, height } = u.bbox, spare = 4 * devicePixelRatio;
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(left - spare, top - spare, width + 2 * spare, height + 2 * spare);
  u.ctx.clip();
  for (const arm of arms) {
    Object.assign(u.ctx, { strokeStyle: colour(`arm-${arm.look}`), fillStyle: colour("paper"), lineWidth: devicePixelRatio });
    u.ctx.setLineDash([]);
    ticks(u, arm);
    circles(u, arm);
  }
  u.ctx.restore();
}

// What uPlot is to draw: for each arm a line and the two edges of its band.
function options(data, colour) {
  const paths = uPlot.paths.stepped({ align: 1 }), points = { show: false };
  const edge = { stroke: "transparent", width: 0, points, paths };
  const axis = (more) => ({
    stroke: () => colour("faint"), font: FONT, labelFont: FONT,
    grid: { stroke: () => colour("rule"), width: 0.5 },
    ticks: { stroke: () => colour("rule"), width: 1, size: 5 },
    ...more,
  });
  return {
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, dist: 8 } },
    scales: { x: { time: false }, y: { auto: false, range: (_, min, max) => [min ?? 0, max ?? 1] } },
    series: [{}, ...data.arms.flatMap(({ look }) => [
      { stroke: () => colour(`arm-${look}`), width: 2, dash: DASHES[look], points, paths }, { ...edge }, { ...edge },
    ])],
    bands: data.arms.map(({ look }, index) => (
      { series: [3 * index + 3, 3 * index + 2], fill: () => `${colour(`arm-${look}`)}26` }
    )),
    axes: [
      axis({ label: `Time (${data.unit})`, size: 34, labelSize: 22 }),
      axis({ size: 52, values: (_, values) => values.map((value) => `${+(100 * value).toFixed(1)}%`) }),
    ],
  };
}

// Draw the curves of an element, and return what shows other numbers of the same arms in it.
function start(root, data = JSON.parse(root.querySelector("script").textContent)) {
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const [plot, slider, bands, fit] = ["plot", "time", "bands", "fit"].map(find);
  const toggles = [...root.querySelectorAll("[data-arm]")];
  const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const shown = () => data.arms.filter((_, index) => toggles[index].checked);
  const decimals = Math.max(0, -Math.floor(Math.log10(data.step) + 1e-9));

  // What is read at the slider's time, for the eye in the table and for the ear at the slider.
  const read = () => {
    const x = slider.valueAsNumber, said = [`${x.toFixed(decimals)} ${data.unit}`];
    data.arms.forEach((arm, index) => {
      const found = survivalAt(arm, x), left = atRisk(arm, x), row = find("readings").rows[index];
      const range = found && found[1] !== null ? ` (${percent(found[1])} to ${percent(found[2])})` : "";
      const text = found ? percent(found[0]) + range : "no longer followed";
      row.cells[1].textContent = text;
      row.cells[2].textContent = left;
      row.hidden = !toggles[index].checked;
      if (!row.hidden) said.push(`${arm.name}: survival ${text}, ${left} at risk`);
    });
    find("at").textContent = said[0];
    slider.setAttribute("aria-valuetext", said.join(". "));
  };
  const mark = (u) => u.setCursor({ left: u.valToPos(slider.valueAsNumber, "x"), top: 0 });
  const fitHeight = (u) => {
    const { min: from, max: to } = u.scales.x;
    const [min, max] = fit.checked ? heights(shown(), from, to, bands.checked) : [0, 1];
    u.setScale("y", { min, max });
  };

  root.hidden = false; // before the plot is measured
  const size = () => ({ width: plot.clientWidth, height: matchMedia("(max-width: 40rem)").matches ? 260 : 380 });
  const hooks = {
    draw: [(u) => drawMarks(u, shown(), colour), mark],
    // uPlot forgets a scale that is set while it tells of another.
    setScale: [(u, key) => key === "x" && queueMicrotask(() => fitHeight(u))],
  };
  const u = new uPlot({ ...size(), ...options(data, colour), hooks }, columns(data), plot);

  const zoomBy = (factor) => {
    const { min, max } = u.scales.x;
    const width = Math.min(data.end, Math.max((max - min) * factor, 4 * data.step));
    const centre = Math.min(data.end - width / 2, Math.max(width / 2, slider.valueAsNumber));
    u.setScale("x", { min: centre - width / 2, max: centre + width / 2 });
  };
  const showArms = () => {
    toggles.forEach((toggle, index) => [0, 1, 2].forEach((place) => {
      u.setSeries(3 * index + place + 1, { show: toggle.checked && (place === 0 || bands.checked) });
    }));
    fitHeight(u);
    read();
  };
  const listen = (element, kind, react) => element.addEventListener(kind, react);
  listen(find("in"), "click", () => zoomBy(0.5));
  listen(find("out"), "click", () => zoomBy(2));
  listen(find("reset"), "click", () => u.setScale("x", { min: 0, max: data.end }));
  [...toggles, bands].forEach((box) => listen(box, "change", showArms));
  listen(fit, "change", () => fitHeight(u));
  listen(slider, "input", () => {
    read();
    mark(u);
  });
  listen(u.over, "pointermove", (event) => {
    slider.value = u.posToVal(event.clientX - u.over.getBoundingClientRect().left, "x");
    read();
  });
  listen(u.over, "mouseleave", () => mark(u));
  listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => u.redraw());
  new ResizeObserver(() => u.setSize(size())).observe(plot);

  slider.value = data.arms[0].points.length ? data.arms[0].points[0][0] : data.end / 2;
  read();
  return (fresh) => {
    Object.assign(data, fresh);
    u.setData(columns(data), false);
    u.setScale("x", { min: 0, max: data.end });
    read();
  };
}

document.querySelectorAll(".curves").forEach((root) => start(root));
document.documentElement.classList.add("scripted"); // the drawn curves are for print from here on
globalThis.kmreproCurves = { start }; // for a page that holds the report's curves
