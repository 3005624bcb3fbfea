// Places, values and panels in words.

/** For example 15.63° E, 78.22° N. */
export function formatPlace([longitude, latitude]) {
  return `${formatAngle(longitude, "E", "W")}, ${formatAngle(latitude, "N", "S")}`;
}

const formatAngle = (value, positive, negative) =>
  `${Math.abs(value).toFixed(2)}° ${value < 0 ? negative : positive}`;

/** Four significant digits, an exponent only for very small and large numbers, real minus signs. */
export function formatNumber(value) {
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(+value.toPrecision(4));
  return text.replaceAll("-", "−");
}

export function describeValue(scale, value) {
  if (Number.isNaN(value)) return "no value";
  if (scale.classes.length) return scale.classes[value] ?? `class ${value}`;
  return formatNumber(value) + (scale.units ? ` ${scale.units}` : "");
}

const MAPS = {
  globe: "globe",
  north: "map of the north polar cap",
  south: "map of the south polar cap",
  world: "map of the world",
};
const MODES = { value: "", difference: ", a difference", wipe: ", two fields with a divider" };

/** What a screen reader says of a panel. */
export function describePanel({ title, kind, mode, scale, seen }) {
  const colors = scale.classes.length
    ? `${scale.classes.length} classes`
    : `colours from ${formatNumber(scale.low)} to ${formatNumber(scale.high)} ${scale.units}`.trim();
  return `${title}: ${MAPS[kind]}${MODES[mode]}, ${colors}${seen ? `. ${seen}` : ""}`;
}
