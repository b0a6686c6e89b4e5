// Tables that are sorted and searched by DataTables; whatever stands in them is text, never HTML.

const FEW = 25; // rows up to which a table is shown whole, without a search box
const PHONE = matchMedia("(max-width: 40rem)");

function escaped(text) {
  return String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

// [text, number] is shown as the text and sorted by the number; no number sorts below every number.
function render(cell, type) {
  const [text, value] = Array.isArray(cell) ? cell : [cell, cell];
  if (type === "sort" || type === "type") return value === null ? -1e300 : value;
  return type === "display" ? escaped(text) : searched(text);
}

// A minus is found as it is printed and as it is typed.
function searched(text) {
  return text.includes("\u2212") ? `${text} ${text.replaceAll("\u2212", "-")}` : text;
}

function plainColumns(table) {
  return table.columns.map((title, i) => {
    const numeric = table.rows.some((row) => Array.isArray(row[i]));
    return { title, name: title, data: i, render, type: numeric ? "num" : "string", className: numeric ? "dt-right" : "" };
  });
}

function makeTable($, id, options) {
  const small = options.whole ?? options.data.length <= FEW;
  const whole = { paging: false, searching: false, info: false };
  return $(`#${id}`).DataTable({
    autoWidth: false,
    deferRender: true,
    pageLength: 25,
    lengthMenu: [10, 25, 100],
    orderClasses: false,
    drawCallback() {
      const pages = this.api().table().container().querySelectorAll("nav");
      for (const each of pages) each.setAttribute("aria-label", `pages of the table of ${id}`);
    },
    ...(small ? whole : {}),
    ...options,
  });
}

// A link in each row; `name` tells the links of rows apart for who does not see the rows.
function linkColumn(title, text, address, options = {}) {
  const link = (row) => {
    const name = options.name ? ` aria-label="${escaped(options.name(row))}"` : "";
    return `<a href="${escaped(address(row))}" ${options.attributes ?? ""}${name}>${escaped(visible(text(row)))}</a>`;
  };
  return {
    title,
    name: title,
    data: null,
    className: "stuck",
    orderable: !options.name,
    searchable: !options.name,
    render: (_, type, row) => (type === "display" ? link(row) : text(row)),
  };
}

// Shows the columns that there is room for; all of them where a reader asks for it.
function fitColumns(table, id, desktop, phone) {
  const all = document.getElementById(`all-${id}`);
  const fit = () => {
    const wanted = all.checked ? null : new Set((PHONE.matches ? phone : desktop)());
    table.columns().every(function () {
      this.visible(wanted === null || wanted.has(this.name()), false);
    });
    table.columns.adjust();
  };
  all.addEventListener("change", fit);
  PHONE.addEventListener("change", fit);
  fit();
  return fit;
}
