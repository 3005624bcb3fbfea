// One draw call a panel: the fragment shader finds the place under each pixel by the inverse projection, reads the
// value there as Field.sample does, and looks its colour up. No mesh, so nothing to go wrong at a pole.

const WHOLE_PANEL_SHADER = `
void main() { // one triangle that covers the viewport
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

// Compiled once for each combination in use of KIND, MODE, SMOOTH and TEST_CARD (see ``fieldProgram``): a processor
// that plays graphics card runs both sides of every branch.
const FIELD_SHADER = `
precision highp float;
precision highp int;
precision highp usampler2D;

const float PI = 3.14159265358979;

struct Code { ivec2 size; vec2 line; uint missing; bool floats; bool discrete; }; // line: value = x + y * code

uniform vec2 center;       // of the panel, device pixels, y up
uniform float unit;        // device pixels in one unit of the map
uniform vec3 eye;          // longitude (radians), sine and cosine of the camera's latitude
uniform float middle;      // latitude (degrees) at the centre of a world map
uniform float extent;      // radius of a polar cap, map units
uniform float wipe;        // x of the divider, device pixels
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

// Longitude and latitude in radians; z is the coverage of the pixel, 0 outside the map.
vec3 placeAt(vec2 pixel) {
  vec2 p = pixel / unit;
#if KIND == WORLD
  float latitude = radians(middle + p.y);
  bool outside = abs(p.x) > 180.0 || abs(latitude) > 0.5 * PI;
  return vec3(eye.x + radians(p.x), latitude, outside ? 0.0 : 1.0);
#else
  float radius = length(p);
  float rim = KIND == GLOBE ? 1.0 : extent;
  float coverage = clamp((rim - radius) * unit + 0.5, 0.0, 1.0);
#if KIND == GLOBE
  float depth = sqrt(max(0.0, 1.0 - dot(p, p)));
  float up = p.y * eye.z + depth * eye.y;
  float ahead = depth * eye.z - p.y * eye.y;
  return vec3(eye.x + angle(p.x, ahead), angle(up, length(vec2(p.x, ahead))), coverage);
#else
  float side = KIND == NORTH ? 1.0 : -1.0;
  float latitude = side * (0.5 * PI - 2.0 * asin(0.5 * min(radius, rim)));
  return vec3(eye.x + angle(p.x, -side * p.y), latitude, coverage);
#endif
#endif
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
#if SMOOTH == 0
  return cellAt(codes, code, clamp(int(floor(row + 0.5)), 0, code.size.y - 1), int(floor(column + 0.5)));
#else
  int i = int(floor(row)), j = int(floor(column));
  float v = row - float(i), u = column - float(j);
  vec2 a = cellAt(codes, code, i, j), b = cellAt(codes, code, i, j + 1);
  vec2 c = cellAt(codes, code, i + 1, j), d = cellAt(codes, code, i + 1, j + 1);
  float known = a.y * b.y * c.y * d.y; // one missing neighbour makes the mean missing
  return vec2(mix(mix(a.x, b.x, u), mix(c.x, d.x, u), v), known);
#endif
}

#if TEST_CARD
// The lines of s2v/figures/testcard.py, computed for each pixel rather than read from a texture.
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
}
#endif

void main() {
  vec3 place = placeAt(gl_FragCoord.xy - center);
  if (place.z == 0.0) discard;
#if MODE == DIFFERENCE
  vec2 a = valueAt(codesA, codeA, place.xy), b = valueAt(codesB, codeB, place.xy);
  vec2 value = vec2(a.x - b.x, a.y * b.y);
#elif MODE == WIPE
  vec2 value = gl_FragCoord.x < wipe ? valueAt(codesA, codeA, place.xy) : valueAt(codesB, codeB, place.xy);
#else
  vec2 value = valueAt(codesA, codeA, place.xy);
#endif
  float entry = codeA.discrete ? value.x + 0.5 : (value.x - limits.x) / (limits.y - limits.x) * 256.0;
  vec3 rgb = texelFetch(colors, ivec2(clamp(int(floor(entry)), 0, 255), scaleRow), 0).rgb;
  if (value.y == 0.0) rgb = missingColor;
#if TEST_CARD
  if (testCardLine(place.xy)) rgb = vec3(dot(rgb, vec3(0.299, 0.587, 0.114)) > 0.5 ? 0.0 : 1.0);
#endif
  color = vec4(rgb * place.z, place.z); // premultiplied
}`;

// Lines arrive as thin rectangles, a corner a vertex: position in device pixels from the panel's centre, and the
// signed distance from the line's middle, by which the edges are softened.
const LINE_VERTEX_SHADER = `
precision highp float;
layout(location = 0) in vec3 corner;
uniform vec2 panelSize; // device pixels
out float aside;
void main() {
  aside = corner.z;
  gl_Position = vec4(corner.xy / (0.5 * panelSize), 0.0, 1.0);
}`;

const LINE_FRAGMENT_SHADER = `
precision highp float;
in float aside;
uniform vec2 center;
uniform float rim;       // device pixels; lines end there
uniform float halfWidth; // device pixels
uniform vec4 ink;        // premultiplied
out vec4 color;
void main() {
  if (length(gl_FragCoord.xy - center) > rim) discard;
  color = ink * clamp(halfWidth + 0.5 - abs(aside), 0.0, 1.0);
}`;

const NUMBERED = { GLOBE: 0, NORTH: 1, SOUTH: 2, WORLD: 3, VALUE: 0, DIFFERENCE: 1, WIPE: 2 };

// A compiled program and the places of its uniforms, found when asked for.
class Program {
  constructor(gl, vertexSource, fragmentSource, definitions) {
    this.gl = gl;
    this.handle = gl.createProgram();
    this.places = new Map();
    const lines = Object.entries({ ...NUMBERED, ...definitions }).map(([name, value]) => `#define ${name} ${value}\n`);
    for (const [type, source] of [[gl.VERTEX_SHADER, vertexSource], [gl.FRAGMENT_SHADER, fragmentSource]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, `#version 300 es\n${lines.join("")}${source}`);
      gl.compileShader(shader);
      gl.attachShader(this.handle, shader);
    }
    gl.linkProgram(this.handle);
    if (!gl.getProgramParameter(this.handle, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = gl.getAttachedShaders(this.handle).map((shader) => gl.getShaderInfoLog(shader));
      throw new Error(`a shader does not compile: ${logs.join(" ")}`);
    }
  }

  at(name) {
    if (!this.places.has(name)) this.places.set(name, this.gl.getUniformLocation(this.handle, name));
    return this.places.get(name);
  }

}

class ShaderPainter {
  // Throws where WebGL2 is missing.
  constructor(canvas) {
    this.canvas = canvas;
    this.drawsLines = true;
    this.gl = canvas.getContext("webgl2", { antialias: false, alpha: true, depth: false });
    if (!this.gl) throw new Error("WebGL2 is missing");
    this.build();
  }

  // Everything on the graphics card: anew after it was lost.
  build() {
    const gl = this.gl;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.enable(gl.SCISSOR_TEST);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.programs = new Map();
    this.textures = new Map(); // Values -> one texture a frame
    gl.enableVertexAttribArray(0);
    this.cornerBuffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.cornerBuffer);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    this.orderBuffer = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.orderBuffer);
    this.rectangles = 0; // that the order buffer has room for
    this.colorTexture = null;
    this.shownScales = null;
  }

  // ``views`` fit ``panels``; ``ratio`` is device pixels in a CSS pixel.
  paint(scene, panels, views, width, height, ratio) {
    const { gl, canvas } = this;
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
      const frame = {
        ratio,
        left: Math.round(box.x * ratio),
        bottom: deviceHeight - Math.round((box.y + box.height) * ratio),
        width: Math.round(box.width * ratio),
        height: Math.round(box.height * ratio),
        centerX: view.centerX * ratio,
        centerY: deviceHeight - view.centerY * ratio,
      };
      gl.viewport(frame.left, frame.bottom, frame.width, frame.height);
      gl.scissor(frame.left, frame.bottom, frame.width, frame.height);
      this.paintField(scene, panel, view, frame);
      gl.enable(gl.BLEND);
      for (const stroke of linesOver(scene, panel, view)) this.paintLines(stroke, view, frame);
      gl.disable(gl.BLEND);
    });
  }

  paintField(scene, panel, view, frame) {
    const gl = this.gl;
    const program = this.program(WHOLE_PANEL_SHADER, FIELD_SHADER, {
      KIND: view.kind.toUpperCase(),
      MODE: panel.mode.toUpperCase(),
      SMOOTH: panel.smooth && !panel.a.discrete ? 1 : 0,
      TEST_CARD: scene.testCard ? 1 : 0,
    });
    gl.useProgram(program.handle);
    gl.uniform2f(program.at("center"), frame.centerX, frame.centerY);
    gl.uniform1f(program.at("unit"), view.unit * frame.ratio);
    gl.uniform3f(program.at("eye"), view.longitude * RADIAN, view.sinLatitude, view.cosLatitude);
    gl.uniform1f(program.at("middle"), view.latitude);
    gl.uniform1f(program.at("extent"), view.extent);
    gl.uniform1f(program.at("wipe"), frame.left + scene.wipe * frame.width);
    gl.uniform1i(program.at("scaleRow"), panel.scaleNumber);
    gl.uniform2f(program.at("limits"), panel.scale.low, panel.scale.high);
    gl.uniform3fv(program.at("missingColor"), scene.missingColor);
    gl.uniform1i(program.at("colors"), 2);
    this.bindValues(program, 0, "A", panel.a, scene.frame);
    if (panel.b) this.bindValues(program, 1, "B", panel.b, scene.frame);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  paintLines({ lines, color, opacity, width }, view, frame) {
    const gl = this.gl;
    const halfWidth = (width * frame.ratio) / 2;
    const corners = lineCorners(view, lines, frame.ratio, halfWidth + 1);
    if (!corners.length) return;
    const program = this.program(LINE_VERTEX_SHADER, LINE_FRAGMENT_SHADER, {});
    gl.useProgram(program.handle);
    gl.uniform2f(program.at("center"), frame.centerX, frame.centerY);
    gl.uniform2f(program.at("panelSize"), frame.width, frame.height);
    gl.uniform1f(program.at("rim"), view.kind === "world" ? 1e6 : view.unit * frame.ratio * rimRadius(view));
    gl.uniform1f(program.at("halfWidth"), halfWidth);
    gl.uniform4f(program.at("ink"), ...color.map((part) => (part / 255) * opacity), opacity);
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STREAM_DRAW);
    const count = corners.length / 12;
    this.makeRoom(count);
    gl.drawElements(gl.TRIANGLES, 6 * count, gl.UNSIGNED_INT, 0);
  }

  // The order in which rectangles use their four corners, for at least ``count`` of them.
  makeRoom(count) {
    if (count <= this.rectangles) return;
    this.rectangles = 2 * count;
    const order = new Uint32Array(6 * this.rectangles);
    for (let i = 0; i < this.rectangles; i++) order.set([0, 1, 2, 2, 1, 3].map((corner) => 4 * i + corner), 6 * i);
    this.gl.bufferData(this.gl.ELEMENT_ARRAY_BUFFER, order, this.gl.STATIC_DRAW);
  }

  program(vertexSource, fragmentSource, definitions) {
    const key = `${vertexSource === LINE_VERTEX_SHADER} ${Object.values(definitions)}`;
    if (!this.programs.has(key)) {
      this.programs.set(key, new Program(this.gl, vertexSource, fragmentSource, definitions));
    }
    return this.programs.get(key);
  }

  bindValues(program, slot, letter, values, frame) {
    const gl = this.gl;
    gl.activeTexture(gl.TEXTURE0 + slot);
    gl.bindTexture(gl.TEXTURE_2D, this.texture(values, Math.min(frame, values.frames - 1)));
    gl.uniform1i(program.at(`codes${letter}`), slot);
    gl.uniform2i(program.at(`code${letter}.size`), values.columns, values.rows);
    gl.uniform2f(program.at(`code${letter}.line`), values.offset, values.step);
    gl.uniform1ui(program.at(`code${letter}.missing`), values.missing);
    gl.uniform1i(program.at(`code${letter}.floats`), values.floats ? 1 : 0);
    gl.uniform1i(program.at(`code${letter}.discrete`), values.discrete ? 1 : 0);
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
