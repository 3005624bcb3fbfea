// One draw call a panel: the fragment shader finds the place under each pixel by the inverse projection, reads the
// value there as Field.sample does, and looks its colour up. No mesh, so nothing to go wrong at a pole.

const VERTEX_SHADER = `#version 300 es
void main() { // one triangle that covers the viewport
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

const FRAGMENT_SHADER = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;

const float PI = 3.14159265358979;

struct Code { ivec2 size; vec2 line; uint missing; bool floats; bool discrete; }; // line: value = x + y * code

uniform int kind;          // 0 globe, 1 north, 2 south, 3 world
uniform vec2 center;       // of the panel, device pixels, y up
uniform float unit;        // device pixels in one unit of the map
uniform vec3 eye;          // longitude (radians), sine and cosine of the camera's latitude
uniform float middle;      // latitude (degrees) at the centre of a world map
uniform float extent;      // radius of a polar cap, map units
uniform int mode;          // 0 value, 1 difference, 2 wipe
uniform float wipe;        // x of the divider, device pixels
uniform bool smoothly;
uniform bool testCard;
uniform usampler2D codesA;
uniform usampler2D codesB;
uniform Code codeA;
uniform Code codeB;
uniform sampler2D colors;  // one row of 256 a scale
uniform int scaleRow;
uniform vec2 limits;
uniform vec3 missingColor;
out vec4 color;

float angle(float y, float x) { return abs(x) + abs(y) < 1e-12 ? 0.0 : atan(y, x); } // atan(0, 0) is undefined

// Longitude and latitude in radians; w is the coverage of the pixel, 0 outside the map.
vec3 placeAt(vec2 pixel) {
  vec2 p = pixel / unit;
  if (kind == 3) {
    float latitude = radians(middle + p.y);
    bool outside = abs(p.x) > 180.0 || abs(latitude) > 0.5 * PI;
    return vec3(eye.x + radians(p.x), latitude, outside ? 0.0 : 1.0);
  }
  float radius = length(p);
  float rim = kind == 0 ? 1.0 : extent;
  float coverage = clamp((rim - radius) * unit + 0.5, 0.0, 1.0);
  if (coverage == 0.0) return vec3(0.0);
  radius = min(radius, rim);
  if (kind == 0) {
    float w = sqrt(max(0.0, 1.0 - dot(p, p)));
    float up = p.y * eye.z + w * eye.y;
    float out_ = w * eye.z - p.y * eye.y;
    return vec3(eye.x + angle(p.x, out_), angle(up, length(vec2(p.x, out_))), coverage);
  }
  float side = kind == 1 ? 1.0 : -1.0;
  float latitude = side * (0.5 * PI - 2.0 * asin(0.5 * radius));
  return vec3(eye.x + angle(p.x, -side * p.y), latitude, coverage);
}

// (value, 1), or (0, 0) where it is missing
vec2 cellAt(usampler2D codes, Code code, int row, int column) {
  ivec2 size = code.size;
  if (row < 0 || row >= size.y) { // over a pole: the same ring, half way round
    row = row < 0 ? -1 - row : 2 * size.y - 1 - row;
    column += size.x / 2;
  }
  column = column % size.x;
  if (column < 0) column += size.x;
  uint c = texelFetch(codes, ivec2(column, row), 0).r;
  if (c == code.missing) return vec2(0.0);
  return vec2(code.floats ? uintBitsToFloat(c) : code.line.x + code.line.y * float(c), 1.0);
}

vec2 valueAt(usampler2D codes, Code code, vec2 place) {
  float turns = place.x / (2.0 * PI) + 0.5;
  float column = (turns - floor(turns)) * float(code.size.x) - 0.5;
  float row = (0.5 - place.y / PI) * float(code.size.y) - 0.5;
  if (!smoothly || code.discrete) {
    return cellAt(codes, code, clamp(int(floor(row + 0.5)), 0, code.size.y - 1), int(floor(column + 0.5)));
  }
  int i = int(floor(row)), j = int(floor(column));
  float v = row - float(i), u = column - float(j);
  vec2 a = cellAt(codes, code, i, j), b = cellAt(codes, code, i, j + 1);
  vec2 c = cellAt(codes, code, i + 1, j), d = cellAt(codes, code, i + 1, j + 1);
  float known = a.y * b.y * c.y * d.y; // one missing neighbour makes the mean missing
  return vec2(mix(mix(a.x, b.x, u), mix(c.x, d.x, u), v), known);
}

TEST_CARD

void main() {
  vec2 pixel = gl_FragCoord.xy - center;
  vec3 place = placeAt(pixel);
  if (place.z == 0.0) discard;
  vec2 value;
  if (mode == 1) {
    vec2 a = valueAt(codesA, codeA, place.xy), b = valueAt(codesB, codeB, place.xy);
    value = vec2(a.x - b.x, a.y * b.y);
  } else if (mode == 2 && gl_FragCoord.x >= wipe) {
    value = valueAt(codesB, codeB, place.xy);
  } else {
    value = valueAt(codesA, codeA, place.xy);
  }
  vec3 rgb = missingColor;
  if (value.y > 0.0) {
    int entry = codeA.discrete ? int(value.x + 0.5) : int(floor((value.x - limits.x) / (limits.y - limits.x) * 256.0));
    rgb = texelFetch(colors, ivec2(clamp(entry, 0, 255), scaleRow), 0).rgb;
  }
  if (testCard && testCardLine(place.xy)) rgb = dot(rgb, vec3(0.299, 0.587, 0.114)) > 0.5 ? vec3(0.0) : vec3(1.0);
  color = vec4(rgb * place.z, place.z); // premultiplied
}`;

// The lines of s2v/figures/testcard.py, computed for each pixel rather than read from a texture.
const TEST_CARD = `
bool testCardLine(vec2 place) { // radians
  vec2 p = degrees(place);
  float parallel = 180.0;
  float latitude = abs(p.y);
  for (int i = 0; i < 6; i++) {
    float line = i == 0 ? 60.0 : i == 1 ? 70.0 : i == 2 ? 75.0 : i == 3 ? 80.0 : i == 4 ? 85.0 : 88.0;
    parallel = min(parallel, abs(latitude - line));
  }
  float turn = p.x + 15.0;
  float aside = abs(turn - 30.0 * floor(turn / 30.0) - 15.0);
  float meridian = degrees(asin(cos(place.y) * sin(radians(aside))));
  vec3 here = vec3(cos(place.y) * cos(place.x), cos(place.y) * sin(place.x), sin(place.y));
  const float A = 0.349065850, B = 1.483529864; // 20 E, 85 N
  vec3 middle = vec3(cos(B) * cos(A), cos(B) * sin(A), sin(B));
  float circle = degrees(2.0 * asin(min(1.0, 0.5 * length(here - middle)))); // by the chord: exact when small
  return min(min(parallel, meridian), abs(circle - 4.0)) <= 0.3;
}`;

const UNIFORMS = ["kind", "center", "unit", "eye", "middle", "extent", "mode", "wipe", "smoothly", "testCard",
  "codesA", "codesB", "colors", "scaleRow", "limits", "missingColor"];
const CODE_FIELDS = ["size", "line", "missing", "floats", "discrete"];
const KIND_NUMBERS = { globe: 0, north: 1, south: 2, world: 3 };
const MODE_NUMBERS = { value: 0, difference: 1, wipe: 2 };

class ShaderPainter {
  // Throws where WebGL2 is missing.
  constructor(canvas) {
    this.canvas = canvas;
    const gl = (this.gl = canvas.getContext("webgl2", { antialias: false, alpha: true, depth: false }));
    if (!gl) throw new Error("WebGL2 is missing");
    this.build();
  }

  build() {
    const gl = this.gl;
    const program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, VERTEX_SHADER],
      [gl.FRAGMENT_SHADER, FRAGMENT_SHADER.replace("TEST_CARD", TEST_CARD)],
    ]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = gl.getAttachedShaders(program).map((shader) => gl.getShaderInfoLog(shader));
      throw new Error(`the shader does not compile: ${logs.join(" ")}`);
    }
    gl.useProgram(program);
    this.at = {};
    const names = UNIFORMS.concat(...["codeA", "codeB"].map((code) => CODE_FIELDS.map((f) => `${code}.${f}`)));
    for (const name of names) this.at[name] = gl.getUniformLocation(program, name);
    gl.uniform1i(this.at.codesA, 0);
    gl.uniform1i(this.at.codesB, 1);
    gl.uniform1i(this.at.colors, 2);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.enable(gl.SCISSOR_TEST);
    this.textures = new Map(); // Values -> one texture a frame
    this.colorTexture = null;
    this.shownScales = null;
  }

  // ``views`` fit ``panels``; ``ratio`` is device pixels in a CSS pixel.
  paint(scene, panels, views, width, height, ratio) {
    const { gl, at, canvas } = this;
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
      [canvas.width, canvas.height] = [deviceWidth, deviceHeight];
    }
    gl.scissor(0, 0, deviceWidth, deviceHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.bindColors(scene.scales);
    panels.forEach((panel, i) => {
      const view = views[i];
      const box = view.box;
      const left = Math.round(box.x * ratio);
      const bottom = deviceHeight - Math.round((box.y + box.height) * ratio);
      gl.viewport(left, bottom, Math.round(box.width * ratio), Math.round(box.height * ratio));
      gl.scissor(left, bottom, Math.round(box.width * ratio), Math.round(box.height * ratio));
      gl.uniform1i(at.kind, KIND_NUMBERS[view.kind]);
      gl.uniform2f(at.center, view.centerX * ratio, deviceHeight - view.centerY * ratio);
      gl.uniform1f(at.unit, view.unit * ratio);
      gl.uniform3f(at.eye, view.longitude * RADIAN, view.sinLatitude, view.cosLatitude);
      gl.uniform1f(at.middle, view.latitude);
      gl.uniform1f(at.extent, view.extent);
      gl.uniform1i(at.mode, MODE_NUMBERS[panel.mode]);
      gl.uniform1f(at.wipe, (box.x + scene.wipe * box.width) * ratio);
      gl.uniform1i(at.smoothly, panel.smooth ? 1 : 0);
      gl.uniform1i(at.testCard, scene.testCard ? 1 : 0);
      gl.uniform1i(at.scaleRow, panel.scaleNumber);
      gl.uniform2f(at.limits, panel.scale.low, panel.scale.high);
      gl.uniform3fv(at.missingColor, scene.missingColor);
      this.bindValues(0, "codeA", panel.a, scene.frame);
      this.bindValues(1, "codeB", panel.b ?? panel.a, scene.frame);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    });
  }

  bindValues(slot, code, values, frame) {
    const { gl, at } = this;
    gl.activeTexture(gl.TEXTURE0 + slot);
    gl.bindTexture(gl.TEXTURE_2D, this.texture(values, Math.min(frame, values.frames - 1)));
    gl.uniform2i(at[`${code}.size`], values.columns, values.rows);
    gl.uniform2f(at[`${code}.line`], values.offset, values.step);
    gl.uniform1ui(at[`${code}.missing`], values.missing);
    gl.uniform1i(at[`${code}.floats`], values.floats ? 1 : 0);
    gl.uniform1i(at[`${code}.discrete`], values.discrete ? 1 : 0);
  }

  texture(values, frame) {
    const gl = this.gl;
    if (!this.textures.has(values)) this.textures.set(values, []);
    const made = this.textures.get(values);
    if (!made[frame]) {
      made[frame] = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, made[frame]);
      const [internal, type] = {
        u8: [gl.R8UI, gl.UNSIGNED_BYTE],
        u16: [gl.R16UI, gl.UNSIGNED_SHORT],
        f32: [gl.R32UI, gl.UNSIGNED_INT],
      }[values.code];
      gl.texImage2D(gl.TEXTURE_2D, 0, internal, values.columns, values.rows, 0, gl.RED_INTEGER, type,
        values.frameCodes(frame));
      setNearest(gl);
    }
    return made[frame];
  }

  bindColors(scales) {
    const gl = this.gl;
    gl.activeTexture(gl.TEXTURE2);
    if (this.shownScales !== scales) {
      gl.deleteTexture(this.colorTexture);
      this.colorTexture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, this.colorTexture);
      const table = new Uint8Array(scales.length * 1024);
      scales.forEach((scale, row) => table.set(scale.rgba, row * 1024));
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, scales.length, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
      setNearest(gl);
      this.shownScales = scales;
    }
    gl.bindTexture(gl.TEXTURE_2D, this.colorTexture);
  }

  forgetAllBut(used) {
    for (const [values, textures] of this.textures) {
      if (used.has(values)) continue;
      textures.forEach((texture) => this.gl.deleteTexture(texture));
      this.textures.delete(values);
    }
  }

  destroy() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext(); // browsers allow only a handful of contexts
  }
}

function setNearest(gl) {
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
}
