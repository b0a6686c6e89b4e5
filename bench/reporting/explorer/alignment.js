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

// Columns of { reference, sides: [{ edit, text, count }, …] }.
function columnsOf(reference, sides, metric) {
  const words = unitsOf(reference, metric);
  const slots = sides.map((side) => byPosition(words, side.text, side.edits, metric));
  const columns = [];
  for (let place = 0; place <= words.length; place++) {
    const here = slots.map((each) => each[place]);
    const extra = Math.max(...here.map((each) => each.inserted.length));
    for (let i = 0; i < extra; i++) {
      const inserted = here.map(({ inserted }) => inserted[i]);
      columns.push({ reference: "", sides: inserted.map((unit) => cell(unit === undefined ? "" : "I", unit ?? "")) });
    }
    if (place < words.length) {
      columns.push({ reference: words[place], sides: here.map(({ edit, unit }) => cell(edit, unit)) });
    }
  }
  return metric === "cer" ? joined(columns) : columns;
}

function cell(edit, text) {
  return { edit, text, count: 1 };
}

// Neighbouring characters of one fate in one column: letters and their marks stay together.
function joined(columns) {
  const runs = [];
  for (const column of columns) {
    const last = runs[runs.length - 1];
    const same = last && column.sides.every((side, i) => side.edit === last.sides[i].edit);
    if (same && (last.reference === "") === (column.reference === "")) {
      last.reference += column.reference;
      column.sides.forEach((side, i) => {
        last.sides[i].text += side.text;
        last.sides[i].count += 1;
      });
    } else {
      runs.push({ reference: column.reference, sides: column.sides.map((side) => ({ ...side })) });
    }
  }
  return runs;
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
      const unit = element("bdi", side.edit === "=" ? "same" : `edit ${side.edit}`, shown(side.text) || "\u00a0");
      if ("SDI".includes(side.edit) && side.edit !== "") {
        const label = element("span", "label", side.edit + (side.count > 1 ? side.count : ""));
        label.title = NAMES[side.edit];
        unit.append(label);
      }
      step.append(unit);
    }
    steps.append(step);
  }
  box.append(heads, steps);
  return box;
}
