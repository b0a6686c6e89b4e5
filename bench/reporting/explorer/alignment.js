// A reference and two hypotheses, side by side: one column a unit of the reference, or a unit that was inserted.

const NAMES = { "=": "as in the reference", S: "substituted", D: "deleted", I: "inserted", "": "" };
// What a terminal or a browser would obey without showing it: controls and overrides of direction.
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]/gu;
const COMBINING = /^\p{M}/u;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

function visible(text) {
  return text.replace(HIDDEN, (letter) => "\\u" + letter.codePointAt(0).toString(16).padStart(4, "0"));
}

function unitsOf(text, metric) {
  return metric === "cer" ? Array.from(text) : text === "" ? [] : text.split(" ");
}

// By reference position: what was inserted before it, and what stands for it.
function byPosition(reference, text, edits, metric) {
  const units = unitsOf(text, metric);
  const slots = [{ inserted: [], edit: "", unit: "" }];
  let at = 0;
  for (const edit of edits) {
    const last = slots[slots.length - 1];
    if (edit === "I") {
      last.inserted.push(units[at++]);
    } else {
      last.edit = edit;
      last.unit = edit === "D" ? "" : units[at++];
      slots.push({ inserted: [], edit: "", unit: "" });
    }
  }
  return slots;
}

// Columns of { reference, sides: [{ edits, text }, …] }.
function columnsOf(reference, sides, metric) {
  const words = unitsOf(reference, metric);
  const slots = sides.map((side) => byPosition(words, side.text, side.edits, metric));
  const begins = metric === "cer" ? graphemesOf(reference) : null;
  const columns = [];
  const add = (column, goesOn) => {
    if (goesOn && columns.length) extend(columns[columns.length - 1], column);
    else columns.push(column);
  };
  for (let place = 0; place <= words.length; place++) {
    const here = slots.map((each) => each[place]);
    const within = begins !== null && place < words.length && !begins.has(place);
    const extra = Math.max(...here.map((each) => each.inserted.length));
    for (let i = 0; i < extra; i++) {
      const inserted = here.map(({ inserted }) => inserted[i]);
      const marks = begins !== null && inserted.every((unit) => unit === undefined || COMBINING.test(unit));
      add({ reference: "", sides: inserted.map((unit) => cell(unit === undefined ? "" : "I", unit ?? "")) }, within || marks);
    }
    if (place < words.length) add({ reference: words[place], sides: here.map(({ edit, unit }) => cell(edit, unit)) }, within);
  }
  return metric === "cer" ? joined(columns) : columns;
}

function cell(edit, text) {
  return { edits: edit, text };
}

// Where, among a text's characters, a letter with its marks begins: what a reader takes for one sign is one column.
function graphemesOf(text) {
  const begins = new Set();
  let at = 0;
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    begins.add(at);
    at += Array.from(segment).length;
  }
  return begins;
}

function extend(column, more) {
  column.reference += more.reference;
  column.sides.forEach((side, i) => {
    side.edits += more.sides[i].edits;
    side.text += more.sides[i].text;
  });
}

// One letter for what became of a column: its only kind of error, or S where there are several; = where there is none.
function fateOf(edits) {
  const errors = new Set(edits.replaceAll("=", ""));
  if (errors.size > 1) return "S";
  return errors.size ? [...errors][0] : edits.slice(0, 1);
}

// Neighbouring signs of one fate in one column.
function joined(columns) {
  const runs = [];
  for (const column of columns) {
    const last = runs[runs.length - 1];
    const same = last && column.sides.every((side, i) => alike(side.edits, last.sides[i].edits));
    if (same && (last.reference === "") === (column.reference === "")) extend(last, column);
    else runs.push({ reference: column.reference, sides: column.sides.map((side) => ({ ...side })) });
  }
  return runs;
}

function alike(edits, others) {
  return new Set(edits + others).size <= 1 && (edits === "") === (others === "");
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// A mark without its letter gets a place to stand on.
function shown(text) {
  return visible(COMBINING.test(text) ? "\u25cc" + text : text);
}

function drawAlignment(language, names, reference, sides, metric) {
  const box = element("div", "alignment");
  const heads = element("span", "step heads");
  for (const name of names) heads.append(element("span", "head", name));
  const steps = element("div", "steps");
  const [letter] = (reference + sides.map((side) => side.text).join("")).match(/\p{L}/u) ?? [""];
  steps.dir = RIGHT_TO_LEFT.test(letter) ? "rtl" : "ltr";
  steps.lang = language;
  for (const column of columnsOf(reference, sides, metric)) {
    const step = element("span", "step");
    step.append(element("bdi", "reference", shown(column.reference) || "\u00a0"));
    for (const side of column.sides) {
      const fate = fateOf(side.edits);
      const errors = side.edits.replaceAll("=", "").length;
      const unit = element("bdi", fate === "=" ? "same" : `edit ${fate}`, shown(side.text) || "\u00a0");
      if (errors) {
        const label = element("span", "label", fate + (errors > 1 ? errors : ""));
        label.title = NAMES[fate];
        unit.append(label);
      }
      step.append(unit);
    }
    steps.append(step);
  }
  box.append(heads, steps);
  return box;
}
