// What the page holds, compressed: its data, its pictures, and the libraries that show them.

async function unpacked(id) {
  const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

async function run(source) {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const made = await import(address);
  URL.revokeObjectURL(address);
  return made;
}

// D3 and Plot name themselves on the window; DataTables comes with its jQuery.
async function loadLibraries() {
  const sources = await unpacked("library");
  const style = document.createElement("style");
  style.textContent = sources.style;
  document.head.prepend(style);
  await run(sources.d3);
  await run(sources.plot);
  return (await run(sources.tables)).jQuery;
}

// Read when the first clip is to be heard: it is most of the page.
let clips = null;
function clipSource(place) {
  clips ??= JSON.parse(document.getElementById("audio").textContent);
  return `data:audio/mpeg;base64,${clips[place]}`;
}

async function showPictures() {
  const images = await unpacked("images");
  for (const img of document.querySelectorAll("img[data-picture]")) {
    img.src = URL.createObjectURL(new Blob([images[img.dataset.picture]], { type: "image/svg+xml" }));
  }
}
