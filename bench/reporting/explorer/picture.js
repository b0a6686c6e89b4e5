// Costs with their intervals, a small picture an arm; every mark tells what it is and leads to its utterances.

const KINDS = {
  worse: { symbol: "circle", fill: "var(--worse)", stroke: "var(--worse)" },
  better: { symbol: "square", fill: "var(--better)", stroke: "var(--better)" },
  open: { symbol: "circle", fill: "var(--paper)", stroke: "var(--open)" },
  floor: { symbol: "times", fill: "none", stroke: "var(--floor)" },
};
const LARGE = 60; // points beyond which an axis is logarithmic, but for its middle
const LINEAR = 5;
const REACH = 1.5; // of the largest cost: how far intervals are drawn
const TICKS = [0, 1000, -1000, 100, -100, 10, -10, 10000, -10000, 20, -20, 50, -50, 5, -5];
const NARROWEST = 300; // pixels an arm
const ROW = 22;

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 2 }).replace("-", "\u2212");
const points = (value) => (value > 0 ? "+" : "") + value.toFixed(2).replace("-", "\u2212");

function described(cost) {
  const interval = cost.low === null || cost.high === null ? "not determined" : `[${points(cost.low)}, ${points(cost.high)}]${cost.bound ? "°" : ""}`;
  return visible(`${cost.arm}, ${cost.language} ${cost.condition}: ${cost.cost === null ? "n/a" : points(cost.cost)} points of ${cost.metric}, 95 % ${interval}; ${cost.verdict}; ${cost.clips} clips`);
}

// The ends of the axis that all arms share: every mark, and of intervals no more than lets the marks be told apart.
function extent(costs) {
  const marks = costs.map((cost) => cost.cost).filter((cost) => cost !== null);
  const most = REACH * Math.max(1, ...marks.map(Math.abs));
  const ends = costs.flatMap((cost) => [cost.low, cost.high]).filter((end) => end !== null);
  const low = Math.max(-most, Math.min(-0.1, ...marks, ...ends));
  const high = Math.min(most, Math.max(0.1, ...marks, ...ends));
  const margin = 0.03 * (high - low);
  const cut = ends.some((end) => end < low || end > high);
  return { low: low - margin, high: high + margin, large: Math.max(-low, high) > LARGE, cut };
}

function ticksOf({ low, high, large }, width) {
  if (!large) return undefined;
  const place = (value) => Math.sign(value) * Math.log1p(Math.abs(value) / LINEAR);
  const scale = width / (place(high) - place(low));
  const chosen = [];
  for (const tick of TICKS.filter((tick) => low <= tick && tick <= high)) {
    const room = (other) => 4 * (number(tick).length + number(other).length) + 8;
    if (chosen.every((other) => Math.abs(place(tick) - place(other)) * scale >= room(other))) chosen.push(tick);
  }
  return chosen;
}

function drawArm(arm, costs, rows, name, ends, width) {
  const label = (cost) => visible(name(cost) + (cost.metric === "CER" ? " (CER)" : ""));
  const left = 12 + 7 * Math.max(...costs.map((cost) => label(cost).length), 3);
  const within = (end) => Math.min(ends.high, Math.max(ends.low, end));
  const bars = costs.filter((cost) => cost.low !== null && cost.high !== null);
  const drawn = costs.filter((cost) => cost.cost !== null);
  const marks = [Plot.ruleX([0], { stroke: "var(--open)", strokeWidth: 1 })];
  for (const [kind, look] of Object.entries(KINDS)) {
    const of = (each) => each.kind === kind;
    marks.push(Plot.ruleY(bars.filter(of), { x1: (cost) => within(cost.low), x2: (cost) => within(cost.high), y: label, stroke: look.stroke, strokeWidth: (cost) => (cost.bound ? 1 : 2.5) }));
    marks.push(Plot.dot(drawn.filter(of), { x: "cost", y: label, r: 5, ...look, strokeWidth: 2, href: (cost) => addressOf("cell", cost.arm, cost.language, cost.condition), ariaLabel: described }));
  }
  marks.push(Plot.tip(drawn, Plot.pointer({ x: "cost", y: label, title: described, maxRadius: 30, pointerEvents: "none", fill: "var(--paper)", stroke: "var(--line)" })));
  const svg = Plot.plot({
    width,
    height: 40 + ROW * rows.length,
    marginLeft: left,
    marginTop: 6,
    marginBottom: 34,
    style: { background: "transparent", color: "var(--ink)", fontSize: "12px", fontFamily: "inherit" },
    x: { type: ends.large ? "symlog" : "linear", ...(ends.large ? { constant: LINEAR } : {}), domain: [ends.low, ends.high], ticks: ticksOf(ends, width - left - 20) ?? 5, tickFormat: number, grid: true, label: null },
    y: { domain: rows.map(label), label: null, tickSize: 0 },
    marks,
  });
  for (const group of svg.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label"); // names of kinds of marks
  svg.addEventListener("pointerdown", (event) => event.stopPropagation(), true); // would pin the tip; a click leads on
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", visible(`costs of ${arm}`));
  const figure = element("figure", "arm");
  figure.append(element("figcaption", "", visible(arm)), svg);
  return figure;
}

// `view`: what rows are (language or condition), and in which condition or language.
function drawCosts(box, costs, view) {
  const inside = view.rows === "language" ? "condition" : "language";
  const shown = costs.filter((cost) => cost[inside] === view.in);
  const arms = [...new Set(costs.map((cost) => cost.arm))];
  const columns = Math.max(1, Math.min(arms.length, Math.floor(box.clientWidth / NARROWEST)));
  const width = Math.min(640, Math.floor(box.clientWidth / columns) - (columns > 1 ? 16 : 0));
  const ends = extent(shown);
  const figures = arms.map((arm) => {
    const of = shown.filter((cost) => cost.arm === arm);
    return drawArm(arm, of, of, (cost) => cost[view.rows], ends, width);
  });
  const axis = (ends.large ? `; logarithmic beyond ${LINEAR} points` : "") + (ends.cut ? "; bars go on beyond the edge" : "");
  box.replaceChildren(...figures, element("p", "axis", `\u2190 better \u00a0 converted minus control, points${axis} \u00a0 worse \u2192`));
}

function showCosts(costs) {
  const box = document.getElementById("costs");
  const [rows, within] = ["view-rows", "view-in"].map((id) => document.getElementById(id));
  const values = (name) => [...new Set(costs.map((cost) => cost[name]))];
  const draw = () => drawCosts(box, costs, { rows: rows.value, in: within.value });
  const offer = () => {
    const inside = rows.value === "language" ? "condition" : "language";
    document.getElementById("view-of").textContent = inside;
    within.replaceChildren(...values(inside).map((value) => new Option(value, value)));
    draw();
  };
  document.getElementById("views").hidden = values("condition").length < 2;
  rows.addEventListener("change", offer);
  within.addEventListener("change", draw);
  offer();
  let drawnAt = box.clientWidth;
  addEventListener("resize", () => {
    if (box.clientWidth !== drawnAt) draw();
    drawnAt = box.clientWidth;
  });
}
