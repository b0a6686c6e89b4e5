// Every cell and every utterance has an address: #cell=ARM/LANGUAGE/CONDITION, #utterance=ARM/LANGUAGE/CONDITION/ID.
// Parts are encoded; an empty one stands for all.

function addressOf(kind, ...parts) {
  return `#${kind}=${parts.map(encodeURIComponent).join("/")}`;
}

function readAddress(hash) {
  const found = /^#(cell|utterance)=(.*)$/.exec(hash);
  if (!found) return null;
  try {
    const [arm, language, condition, id] = found[2].split("/").map(decodeURIComponent);
    return { kind: found[1], arm: arm ?? "", language: language ?? "", condition: condition ?? "", id };
  } catch {
    return null; // cut short by whoever passed it on
  }
}
