// The page: what is known in tables and a picture, and the utterances behind a cell, each with its alignment and audio.

const LOOP = 1;
const EMPTY = 2;
const found = await unpacked("data");
const { cells, texts, rows } = found.utterances;
const picks = ["arm", "language", "condition"].map((name) => document.getElementById(`pick-${name}`));
const PLACES = { arm: 0, language: 2, condition: 3 };

function unpack(row) {
  const [cell, id, speaker, reference, text, edits, errors, flags, ...rest] = row;
  const [newText, newEdits, newErrors, newFlags, length, sound, change, rate, newRate] = rest;
  const [arm, control, language, condition, metric] = cells[cell];
  return {
    ...{ arm, control, language, condition, metric, length, sound, change, cell },
    ...{ id: texts[id], speaker: texts[speaker], reference: texts[reference] },
    before: { text: texts[text], edits: texts[edits], errors, flags, rate },
    after: { text: texts[newText], edits: texts[newEdits], errors: newErrors, flags: newFlags, rate: newRate },
  };
}

const flagged = (flags) => [flags & LOOP ? "loop" : "", flags & EMPTY ? "empty" : ""].filter(Boolean).join(", ");
const signed = (value) => (value > 0 ? `+${value}` : value < 0 ? `\u2212${-value}` : "0");
const percent = (rate) => (rate === null ? "n/a" : `${rate.toFixed(1)} %`);

// Arm, language, condition and id.
function namesOf(row) {
  const [arm, , language, condition] = cells[row[0]];
  return [arm, language, condition, texts[row[1]]];
}

function column(title, value, options = {}) {
  const read = (row) => value(unpack(row));
  return {
    title,
    name: title,
    data: null,
    type: options.number ? "num" : "string",
    className: options.number ? "dt-right" : options.text ? "text" : "",
    render: (_, type, row) => {
      const cell = read(row);
      if (type !== "display") return options.number ? (cell === null ? -1e300 : cell) : cell;
      const shownText = visible(options.number ? options.number(cell) : cell);
      return options.text ? `<bdi dir="auto" lang="${escaped(cells[row[0]][2])}">${escaped(shownText)}</bdi>` : escaped(shownText);
    },
  };
}

const COLUMNS = [
  linkColumn("alignment", () => "show", (row) => addressOf("utterance", ...namesOf(row)), {
    name: (row) => `show: ${visible(texts[row[1]])}`,
    attributes: 'aria-expanded="false"',
  }),
  column("more errors", (each) => each.change, { number: signed }),
  column("control", (each) => each.before.rate, { number: percent }),
  column("converted", (each) => each.after.rate, { number: percent }),
  column("units", (each) => each.length, { number: String }),
  column("flags", (each) => flagged(each.after.flags)),
  column("audio", (each) => (each.sound < 0 ? "" : "yes")),
  column("arm", (each) => each.arm),
  column("language", (each) => each.language),
  column("condition", (each) => each.condition),
  column("speaker", (each) => each.speaker),
  column("utterance", (each) => each.id),
  column("reference", (each) => each.reference, { text: true }),
  column("control's text", (each) => each.before.text, { text: true }),
  column("converted's text", (each) => each.after.text, { text: true }),
];

const UTTERANCE = COLUMNS.findIndex((each) => each.title === "utterance");
const WORST_FIRST = [[1, "desc"], [UTTERANCE, "asc"]];

function detail(row) {
  const each = unpack(row);
  const box = document.createElement("div");
  box.className = "detail";
  const head = document.createElement("p");
  const said = ({ errors, rate, flags }) => `${errors} (${percent(rate)}${flags ? `, ${flagged(flags)}` : ""})`;
  const unit = each.metric === "cer" ? "characters" : "words";
  head.textContent = visible(
    `${each.id}${each.speaker ? `, speaker ${each.speaker}` : ""}, ${each.language} ${each.condition}: errors of ` +
      `${each.length} ${unit}: ${each.control} ${said(each.before)}, ${each.arm} ${said(each.after)}`,
  );
  const names = ["reference", each.control, each.arm];
  box.append(head, drawAlignment(each.language, names, each.reference, [each.before, each.after], each.metric));
  if (each.sound >= 0) {
    const player = document.createElement("audio");
    player.controls = true;
    player.src = clipSource(each.sound);
    player.setAttribute("aria-label", visible(`audio of ${each.id}`));
    box.append(player);
  }
  return box;
}

function chosenRows() {
  const wanted = new Set();
  cells.forEach((cell, i) => {
    if (picks.every((pick) => pick.value === "" || cell[PLACES[pick.name]] === pick.value)) wanted.add(i);
  });
  return { wanted, chosen: rows.filter((row) => wanted.has(row[0])) };
}

function describe(wanted, chosen) {
  const all = [...wanted].reduce((sum, i) => sum + cells[i][5], 0);
  const cut = chosen.length < all ? ` of ${all}, those that moved most` : "";
  document.getElementById("chosen").textContent = `${chosen.length} rows${cut}: an utterance under an arm and its control.`;
}

function fill(table, fit) {
  const { wanted, chosen } = chosenRows();
  describe(wanted, chosen);
  fit();
  table.clear().rows.add(chosen).order(WORST_FIRST).draw();
}

function offer(pick) {
  const values = [...new Set(cells.map((cell) => cell[PLACES[pick.name]]))];
  pick.append(new Option(`all (${values.length})`, ""), ...values.map((value) => new Option(value, value)));
  pick.value = values[0];
}

function setOpen(row, link, open) {
  if (open) row.child(detail(row.data())).show();
  else row.child.hide();
  link.setAttribute("aria-expanded", String(open));
  link.textContent = open ? "hide" : "show";
  link.setAttribute("aria-label", `${link.textContent}: ${visible(texts[row.data()[1]])}`);
}

function closeAll(table) {
  for (const node of table.rows({ page: "current" }).nodes().toArray()) {
    const row = table.row(node);
    if (row.child.isShown()) setOpen(row, node.querySelector("a"), false);
  }
}

// Turns to the page of the utterance and opens it; nothing where the page does not hold it.
function openUtterance(table, names) {
  const wanted = JSON.stringify(names);
  const place = (options) => table.rows(options).indexes().toArray();
  if (table.search()) table.search("").draw();
  const index = place({ order: "applied" }).find((each) => JSON.stringify(namesOf(table.row(each).data())) === wanted);
  if (index === undefined) return null;
  table.page(Math.floor(place({ order: "applied" }).indexOf(index) / table.page.len())).draw(false);
  const row = table.row(index);
  const node = row.node();
  if (!row.child.isShown()) setOpen(row, node.querySelector("a"), true);
  return node;
}

// What the address says is shown.
function visit(table, fit) {
  const where = readAddress(location.hash);
  if (where === null) return;
  const known = picks.every((pick) => [...pick.options].some((option) => option.value === where[pick.name]));
  if (!known) return;
  const changed = picks.some((pick) => pick.value !== where[pick.name]);
  picks.forEach((pick) => (pick.value = where[pick.name]));
  if (changed) fill(table, fit);
  closeAll(table);
  if (where.kind === "utterance") {
    openUtterance(table, [where.arm, where.language, where.condition, where.id])?.scrollIntoView();
  } else {
    document.getElementById("behind").scrollIntoView();
    picks[0].focus({ preventScroll: true });
  }
}

function followAddresses($, table, fit) {
  let shown = ""; // the address of what a reader's own click has just shown
  const goTo = (address) => {
    shown = address;
    location.hash = address;
  };
  const toCell = () => goTo(addressOf("cell", ...picks.map((pick) => pick.value)));
  picks.forEach((pick) =>
    pick.addEventListener("change", () => {
      fill(table, fit);
      toCell();
    }),
  );
  $("#utterances tbody").on("click", "a", (event) => {
    event.preventDefault();
    const row = table.row(event.target.closest("tr"));
    const open = !row.child.isShown();
    setOpen(row, event.target, open);
    if (open) goTo(event.target.getAttribute("href"));
    else toCell();
  });
  addEventListener("hashchange", () => {
    if (location.hash !== shown) visit(table, fit);
    shown = "";
  });
  visit(table, fit);
}

const LED = "cell";
const CELLS = [LED, "cost", "95 % interval", "verdict", "control", "converted", "mark", "relative", "clips", "speakers"];
const CELLS_OF_PHONE = [LED, "cost", "verdict"];
const TEXTS = ["reference", "control's text", "converted's text"];
const picked = () => picks.filter((pick) => pick.value === "").map((pick) => pick.name);
const UTTERANCES = () => ["alignment", "more errors", "control", "converted", "flags", ...picked(), ...TEXTS];
const UTTERANCES_OF_PHONE = () => ["alignment", "more errors", ...picked(), "converted's text"];

function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", paint);
  paint();
}

function cellColumns() {
  const text = ([arm, language, condition]) => `${arm} ${language}${condition === "clean" ? "" : ` ${condition}`}`;
  return [linkColumn(LED, text, (row) => addressOf("cell", ...row.slice(0, 3))), ...plainColumns(found.cells)];
}

async function start() {
  followTheme();
  const $ = await loadLibraries();
  showCosts(found.costs);
  const arms = plainColumns(found.arms);
  arms[0].className = "stuck";
  makeTable($, "arms", { data: found.arms.rows, columns: arms, order: [], whole: true });
  const table = makeTable($, "cells", { data: found.cells.rows, columns: cellColumns(), order: [] });
  fitColumns(table, "cells", () => CELLS, () => CELLS_OF_PHONE);
  picks.forEach(offer);
  const utterances = makeTable($, "utterances", { data: [], columns: COLUMNS, order: WORST_FIRST, whole: rows.length <= FEW });
  const fit = fitColumns(utterances, "utterances", UTTERANCES, UTTERANCES_OF_PHONE);
  fill(utterances, fit);
  followAddresses($, utterances, fit);
  document.documentElement.dataset.ready = "yes";
  await showPictures();
}

await start();
