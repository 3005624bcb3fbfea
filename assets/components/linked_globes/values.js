// The values of a field as they came over the wire: 8- or 16-bit codes (32-bit floats for fields that reach far
// beyond their colour scale), one or several frames, on a grid of equal angles.

const CODE_ARRAYS = { u8: Uint8Array, u16: Uint16Array, f32: Uint32Array };
const MISSING_CODES = { u8: 0xff, u16: 0xffff, f32: 0xffffffff };

class Values {
  constructor(description, buffer) {
    Object.assign(this, description); // code, rows, columns, frames, offset, step, discrete
    this.codes = new CODE_ARRAYS[this.code](buffer);
    this.floats = this.code === "f32" ? new Float32Array(buffer) : null;
    this.missing = MISSING_CODES[this.code];
  }

  frameCodes(frame) {
    const cells = this.rows * this.columns;
    return this.codes.subarray(frame * cells, (frame + 1) * cells);
  }

  cell(frame, row, column) {
    if (row < 0 || row >= this.rows) { // over a pole: the same ring, half way round
      row = row < 0 ? -1 - row : 2 * this.rows - 1 - row;
      column += this.columns >> 1;
    }
    column = ((column % this.columns) + this.columns) % this.columns;
    const i = (frame * this.rows + row) * this.columns + column;
    const code = this.codes[i];
    if (code === this.missing) return NaN;
    return this.floats ? this.floats[i] : this.offset + this.step * code;
  }

  // The value at a place, NaN where it is missing: what Field.sample says, and what the shader draws.
  sample(frame, longitude, latitude, smooth) {
    const column = ((longitude + 180) / 360) * this.columns - 0.5;
    const row = ((90 - latitude) / 180) * this.rows - 0.5;
    if (!smooth || this.discrete) {
      return this.cell(frame, clamp(Math.floor(row + 0.5), 0, this.rows - 1), Math.floor(column + 0.5));
    }
    const [i, j] = [Math.floor(row), Math.floor(column)];
    const [v, u] = [row - i, column - j];
    const top = (1 - u) * this.cell(frame, i, j) + u * this.cell(frame, i, j + 1);
    return (1 - v) * top + v * ((1 - u) * this.cell(frame, i + 1, j) + u * this.cell(frame, i + 1, j + 1));
  }
}

// What a panel shows at a place: { value, scale } with the wipe and the difference taken into account.
function panelValue(panel, frame, longitude, latitude, wiped) {
  const at = (values) => values.sample(Math.min(frame, values.frames - 1), longitude, latitude, panel.smooth);
  if (panel.mode === "difference") return at(panel.a) - at(panel.b);
  return at(panel.mode === "wipe" && wiped ? panel.b : panel.a);
}

// The entry of a 256-colour table for a value: the same rounding as matplotlib's.
function colorIndex(scale, value) {
  if (scale.classes.length) return clamp(value, 0, 255);
  return clamp(Math.floor(((value - scale.low) / (scale.high - scale.low)) * 256), 0, 255);
}

function describeValue(scale, value) {
  if (Number.isNaN(value)) return "no value";
  if (scale.classes.length) return scale.classes[value] ?? `class ${value}`;
  return formatNumber(value) + (scale.units ? ` ${scale.units}` : "");
}

const WAITS_MS = [200, 400, 800, 1600, 3200];

// The content of a file. A run of the page that is cut short takes its files from the server, perhaps before the browser
// has asked for them; the run that comes after it brings them back.
async function fetchPatiently(address) {
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(new URL(address, document.baseURI));
    if (response.ok) return response.arrayBuffer();
    if (attempt === WAITS_MS.length) throw new Error(`${address}: ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, WAITS_MS[attempt]));
  }
}

// Fetches files by address and keeps what was made of them while it is in use. An address names its content, so what
// is here is never fetched again; ``name`` tells apart different readings of one file.
class Library {
  constructor() {
    this.shelf = new Map();
  }

  get(address, make, name = address) {
    if (!this.shelf.has(name)) {
      const arriving = fetchPatiently(address).then(make);
      arriving.catch(() => this.shelf.delete(name)); // so that the next update may try again
      this.shelf.set(name, arriving);
    }
    return this.shelf.get(name);
  }

  keepOnly(names) {
    for (const name of this.shelf.keys()) if (!names.has(name)) this.shelf.delete(name);
  }
}
