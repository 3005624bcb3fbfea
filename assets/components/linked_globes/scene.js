// What is drawn, made from what Python sent: values and lines fetched, colour scales unpacked.

// Resolves when everything that ``data`` speaks of is here.
async function makeScene(data, library) {
  const scales = data.scales.map(makeScale);
  const lines = (address) => address && library.get(address, (buffer) => Lines.fromBuffer(buffer));
  const values = (name) => {
    const description = data.values[name];
    return description && library.get(description.address, (buffer) => new Values(description, buffer), name);
  };
  const complete = async (panel) => {
    const [a, b, ellipses] = await Promise.all([values(panel.a), values(panel.b), lines(panel.ellipses)]);
    return { ...panel, a, b, ellipses, scale: scales[panel.scaleNumber] };
  };
  const [coastlines, points, ellipses, ...panels] = await Promise.all([
    ...[data.coastlines, data.points, data.ellipses].map(lines),
    ...data.panels.map(complete),
  ]);
  return {
    ...data,
    panels,
    scales,
    coastlines,
    points,
    ellipses,
    missingColor: data.missing.map((part) => part / 255),
  };
}

// A colour scale as it came from Python, with its table unpacked and what follows from it.
function makeScale(description) {
  const rgb = Uint8Array.from(atob(description.colors), (letter) => letter.charCodeAt(0));
  const rgba = new Uint8Array(1024).fill(255);
  for (let i = 0; i < 256; i++) rgba.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
  const strip = document.createElement("canvas");
  [strip.width, strip.height] = [256, 1];
  strip.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rgba), 256, 1), 0, 0);
  const [low, high] = description.limits;
  return { ...description, low, high, rgba, strip };
}

function describePanel({ title, kind, mode, scale }) {
  const map = { globe: "globe", north: "map of the north polar cap", south: "map of the south polar cap",
    world: "map of the world" }[kind];
  const what = { value: "", difference: ", a difference", wipe: ", two fields with a divider" }[mode];
  const colors = scale.classes.length
    ? `${scale.classes.length} classes`
    : `colours from ${formatNumber(scale.low)} to ${formatNumber(scale.high)} ${scale.units}`.trim();
  return `${title}: ${map}${what}, ${colors}`;
}

// The colours and the font of the page around, light or dark.
function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
  return {
    text: style.color,
    faint: `color-mix(in srgb, ${style.color} 65%, transparent)`,
    border: `color-mix(in srgb, ${style.color} 35%, transparent)`,
    background: read("background-color", "#ffffff"),
    accent: read("primary-color", "#ff4b4b"),
    font: style.fontFamily,
  };
}
