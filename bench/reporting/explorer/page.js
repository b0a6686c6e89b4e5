// The page: two tables of what is known, and one of the utterances behind a cell, each with its alignment and audio.

const LOOP = 1;
const EMPTY = 2;
const found = readData("data");
const { cells, texts, rows, audio } = found.utterances;
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
  buttonColumn("alignment", "show", (row) => visible(texts[row[1]]), 'aria-expanded="false"'),
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
    player.src = `data:audio/mpeg;base64,${audio[each.sound]}`;
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

function fill(table) {
  const { wanted, chosen } = chosenRows();
  describe(wanted, chosen);
  picks.forEach((pick) => table.column(`${pick.name}:name`).visible(pick.value === "", false));
  table.clear().rows.add(chosen).order(WORST_FIRST).draw();
}

function offer(pick) {
  const values = [...new Set(cells.map((cell) => cell[PLACES[pick.name]]))];
  pick.append(new Option(`all (${values.length})`, ""), ...values.map((value) => new Option(value, value)));
  pick.value = values[0];
}

function openOnClick($, table) {
  $("#utterances tbody").on("click", "button", (event) => {
    const row = table.row(event.target.closest("tr"));
    const open = row.child.isShown();
    if (open) row.child.hide();
    else row.child(detail(row.data())).show();
    event.target.setAttribute("aria-expanded", String(!open));
    event.target.textContent = open ? "show" : "hide";
    event.target.setAttribute("aria-label", `${event.target.textContent}: ${visible(texts[row.data()[1]])}`);
  });
}

function leadToUtterances($, table, utterances) {
  $("#cells tbody").on("click", "button", (event) => {
    const row = table.row(event.target.closest("tr")).data();
    picks.forEach((pick, i) => (pick.value = row[i]));
    fill(utterances);
    document.getElementById("behind").scrollIntoView();
    picks[0].focus({ preventScroll: true });
  });
}

async function start() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", paint);
  paint();
  const $ = await loadLibrary();
  makeTable($, "arms", { data: found.arms.rows, columns: plainColumns(found.arms), order: [] });
  const named = (row) => row.slice(0, 3).join(" ");
  const led = [buttonColumn("behind it", "utterances", named, ""), ...plainColumns(found.cells)];
  const table = makeTable($, "cells", { data: found.cells.rows, columns: led, order: [] });
  picks.forEach(offer);
  const utterances = makeTable($, "utterances", { data: [], columns: COLUMNS, order: WORST_FIRST });
  fill(utterances);
  picks.forEach((pick) => pick.addEventListener("change", () => fill(utterances)));
  openOnClick($, utterances);
  leadToUtterances($, table, utterances);
  document.documentElement.dataset.ready = "yes";
}

start();
