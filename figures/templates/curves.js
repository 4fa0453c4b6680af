"use strict";
// The interactive curves of a report. Each .curves element holds its numbers as JSON, controls
// that stand in the page already, and places for the plot and for what is read off it.
document.querySelectorAll(".curves").forEach((root) => {
  const data = JSON.parse(root.querySelector("script").textContent);
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const plot = find("plot"), slider = find("time"), rows = [...find("readings").rows];
  const toggles = [...root.querySelectorAll("[data-arm]")];
  const narrow = matchMedia("(max-width: 40rem)");
  const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const armColour = (arm) => colour(`arm-${arm.look}`);
  const dashes = [[], [8, 3], [2, 3], [9, 3, 2, 3]];
  const decimals = Math.max(0, -Math.floor(Math.log10(data.step) + 1e-9));
  const percent = (value) => `${(100 * value).toFixed(1)}%`;
  const shown = (arm) => toggles[data.arms.indexOf(arm)].checked;

  // The last index at which a sorted array is at most x, or -1.
  const upTo = (array, x) => {
    let low = 0, high = array.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (array[middle] <= x) low = middle + 1; else high = middle;
    }
    return low - 1;
  };
  const totals = (counts) => {
    let sum = 0;
    return counts.map((count) => (sum += count));
  };
  for (const arm of data.arms) {
    arm.gone = [[arm.time, totals(arm.events)], [arm.censored, totals(arm.counts)]];
  }
  const survivalAt = (arm, x) => {
    const index = upTo(arm.time, x);
    if (x > arm.last && (index < 0 || arm.survival[index] > 0)) return null;
    return index < 0 ? [1, null, null] : [arm.survival[index], arm.lower[index], arm.upper[index]];
  };
  // Patients still followed just before x: those who left at x itself count.
  const atRisk = (arm, x) => arm.gone.reduce((left, [times, sums]) => {
    let index = upTo(times, x);
    while (index >= 0 && times[index] >= x) index -= 1;
    return left - (index < 0 ? 0 : sums[index]);
  }, arm.n);

  const grid = [...new Set([0, data.end, ...data.arms.flatMap((arm) => [...arm.time, arm.last])])]
    .sort((a, b) => a - b);
  const columns = data.arms.flatMap((arm) => {
    const values = grid.map((x) => (x > arm.last ? null : survivalAt(arm, x)));
    return [0, 1, 2].map((place) => values.map((each) => (each ? each[place] : null)));
  });
  const stepped = uPlot.paths.stepped({ align: 1 });
  const hidden = { stroke: "transparent", width: 0, points: { show: false }, paths: stepped };
  const series = data.arms.flatMap((arm) => [
    { stroke: () => armColour(arm), width: 2, dash: dashes[arm.look], points: { show: false }, paths: stepped },
    { ...hidden }, { ...hidden },
  ]);
  const bands = data.arms.map((arm, index) => (
    { series: [3 * index + 3, 3 * index + 2], fill: () => `${armColour(arm)}26` }
  ));

  const draw = (u) => {
    const context = u.ctx, ratio = devicePixelRatio || 1;
    const at = (x, y) => [u.valToPos(x, "x", true), u.valToPos(y, "y", true)];
    context.save();
    context.beginPath();
    context.rect(u.bbox.left - 4 * ratio, u.bbox.top - 4 * ratio, u.bbox.width + 8 * ratio, u.bbox.height + 8 * ratio);
    context.clip();
    for (const arm of data.arms.filter(shown)) {
      context.strokeStyle = armColour(arm);
      context.lineWidth = ratio;
      context.setLineDash([]);
      context.beginPath();
      for (const x of arm.censored) {
        const [left, top] = at(x, survivalAt(arm, x)[0]);
        context.moveTo(left, top - 3 * ratio);
        context.lineTo(left, top + 3 * ratio);
      }
      context.stroke();
      context.fillStyle = colour("paper");
      for (const [x, y, early, late, low, high] of arm.points) {
        context.beginPath();
        context.moveTo(...at(early, low));
        context.lineTo(...at(late, high));
        context.stroke();
        context.beginPath();
        context.arc(...at(x, y), 3.5 * ratio, 0, 7);
        context.fill();
        context.stroke();
      }
    }
    context.restore();
  };

  const axis = (extra) => ({
    stroke: () => colour("faint"), grid: { stroke: () => colour("rule"), width: 0.5 },
    ticks: { stroke: () => colour("rule"), width: 1, size: 5 }, font: "13px system-ui, sans-serif", ...extra,
  });
  const heights = (from, to) => {
    if (!find("fit").checked) return [0, 1];
    const seen = data.arms.filter(shown), lowest = find("bands").checked ? 1 : 0;
    const ends = seen.map((arm) => survivalAt(arm, Math.min(to, arm.last)));
    const low = Math.min(1, ...ends.map((end) => end[lowest] ?? end[0]));
    const high = Math.max(0, ...seen.map((arm) => (survivalAt(arm, from) ?? [0])[0]));
    const margin = Math.max(0.02, 0.1 * (high - low));
    return high < low ? [0, 1] : [Math.max(0, low - margin), Math.min(1, high + margin)];
  };
  const fit = (u) => {
    const [min, max] = heights(u.scales.x.min, u.scales.x.max);
    u.setScale("y", { min, max });
  };
  const show = () => {
    const x = slider.valueAsNumber;
    const said = [`${x.toFixed(decimals)} ${data.unit}`];
    data.arms.forEach((arm, index) => {
      const found = survivalAt(arm, x), left = atRisk(arm, x);
      const range = found && found[1] !== null ? ` (${percent(found[1])} to ${percent(found[2])})` : "";
      const text = found ? percent(found[0]) + range : "no longer followed";
      rows[index].cells[1].textContent = text;
      rows[index].cells[2].textContent = left;
      rows[index].hidden = !shown(arm);
      if (shown(arm)) said.push(`${arm.name}: survival ${text}, ${left} at risk`);
    });
    find("at").textContent = said[0];
    slider.setAttribute("aria-valuetext", said.join(". "));
  };
  const mark = (u) => u.setCursor({ left: u.valToPos(slider.valueAsNumber, "x"), top: 0 });

  root.hidden = false;
  const size = () => ({ width: plot.clientWidth, height: narrow.matches ? 260 : 380 });
  const u = new uPlot({
    ...size(),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, dist: 8 } },
    scales: { x: { time: false }, y: { auto: false, range: (_, min, max) => [min ?? 0, max ?? 1] } },
    series: [{}, ...series],
    bands,
    axes: [
      axis({ label: `Time (${data.unit})`, size: 34, labelSize: 22, labelFont: "13px system-ui, sans-serif" }),
      axis({ size: 52, values: (_, ticks) => ticks.map((tick) => `${+(100 * tick).toFixed(1)}%`) }),
    ],
    hooks: { draw: [draw, mark], setScale: [(u, key) => key === "x" && queueMicrotask(() => fit(u))] },
  }, [grid, ...columns], plot);
  u.over.addEventListener("pointermove", (event) => {
    slider.value = u.posToVal(event.clientX - u.over.getBoundingClientRect().left, "x");
    show();
  });
  u.over.addEventListener("mouseleave", () => mark(u));

  const zoom = (from, to) => u.setScale("x", { min: Math.max(0, from), max: Math.min(data.end, to) });
  const zoomBy = (factor) => {
    const { min, max } = u.scales.x, width = Math.min(data.end, Math.max((max - min) * factor, 4 * data.step));
    const centre = Math.min(data.end - width / 2, Math.max(width / 2, slider.valueAsNumber));
    zoom(centre - width / 2, centre + width / 2);
  };
  find("in").addEventListener("click", () => zoomBy(0.5));
  find("out").addEventListener("click", () => zoomBy(2));
  find("reset").addEventListener("click", () => zoom(0, data.end));
  slider.addEventListener("input", () => {
    show();
    mark(u);
  });
  const showArms = () => {
    const band = find("bands").checked;
    data.arms.forEach((arm, index) => [0, 1, 2].forEach((place) => {
      u.setSeries(3 * index + place + 1, { show: shown(arm) && (place === 0 || band) });
    }));
    fit(u);
    show();
  };
  [...toggles, find("bands")].forEach((box) => box.addEventListener("change", showArms));
  find("fit").addEventListener("change", () => fit(u));
  new ResizeObserver(() => u.setSize(size())).observe(plot);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => u.redraw());
  slider.value = data.arms[0].points.length ? data.arms[0].points[0][0] : data.end / 2;
  show();
});
