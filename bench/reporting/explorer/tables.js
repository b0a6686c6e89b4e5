// Tables that are sorted and searched by DataTables; whatever stands in them is text, never HTML.

function readData(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

async function loadLibrary() {
  const source = new Blob([readData("library")], { type: "text/javascript" });
  const address = URL.createObjectURL(source);
  const library = await import(address);
  URL.revokeObjectURL(address);
  return library.jQuery;
}

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
    return { title, data: i, render, type: numeric ? "num" : "string", className: numeric ? "dt-right" : "" };
  });
}

function makeTable($, id, options) {
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
    ...options,
  });
}

// `name` tells the buttons of the rows apart for who does not see the rows.
function buttonColumn(title, text, name, attributes) {
  const button = (row) => `<button type="button" ${attributes} aria-label="${escaped(`${text}: ${name(row)}`)}">${escaped(text)}</button>`;
  return {
    title,
    data: null,
    orderable: false,
    searchable: false,
    render: (_, type, row) => (type === "display" ? button(row) : ""),
  };
}
