// The shaders. For a field, one triangle covers the panel: each pixel finds its place by the inverse projection, reads
// the value there as Field.sample does, and looks up its colour. Without a mesh nothing can go wrong at a pole.

import { CLASS_COLORS } from "./values.js";

export const WHOLE_PANEL_SHADER = `
void main() { // one triangle that covers the viewport
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

// Compiled once for each combination in use of KIND, MODE, SMOOTH, VEIL and TEST_CARD: WebGL in software runs both sides of
// every branch.
export const FIELD_SHADER = `
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
#if VEIL
uniform usampler2D codesVeil;   // distances to the data
uniform Code codeVeil;
uniform vec2 veilEnds;          // where the veil begins, and where it is whole
uniform vec4 veilGrey;          // of the ground, and its opacity
uniform vec4 veilLines;         // of the lines, and their opacity
uniform vec2 veilLine;          // from line to line, and the width of one, device pixels
#endif
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

// Column and row, from the centre of the first cell.
vec2 positionAt(Code code, vec2 place) {
  float turns = place.x / (2.0 * PI) + 0.5;
  return vec2((turns - floor(turns)) * float(code.size.x), (0.5 - place.y / PI) * float(code.size.y)) - 0.5;
}

vec2 nearestAt(usampler2D codes, Code code, vec2 place) {
  ivec2 cell = ivec2(floor(positionAt(code, place) + 0.5));
  return cellAt(codes, code, clamp(cell.y, 0, code.size.y - 1), cell.x);
}

vec2 smoothAt(usampler2D codes, Code code, vec2 place) {
  vec2 position = positionAt(code, place);
  ivec2 first = ivec2(floor(position));
  vec2 share = position - vec2(first);
  vec2 a = cellAt(codes, code, first.y, first.x), b = cellAt(codes, code, first.y, first.x + 1);
  vec2 c = cellAt(codes, code, first.y + 1, first.x), d = cellAt(codes, code, first.y + 1, first.x + 1);
  float known = a.y * b.y * c.y * d.y; // one missing neighbour makes the mean missing
  return vec2(mix(mix(a.x, b.x, share.x), mix(c.x, d.x, share.x), share.y), known);
}

vec2 valueAt(usampler2D codes, Code code, vec2 place) {
#if SMOOTH
  return smoothAt(codes, code, place);
#else
  return nearestAt(codes, code, place);
#endif
}

#if VEIL
// A colour under the veil of a place: the same as s2v/figures/veil.py.
vec3 veiled(vec3 rgb, vec2 place) {
  float km = smoothAt(codesVeil, codeVeil, place).x;
  float strength = clamp((km - veilEnds.x) / (veilEnds.y - veilEnds.x), 0.0, 1.0);
  float beside = abs(mod((gl_FragCoord.x - gl_FragCoord.y) / sqrt(2.0), veilLine.x) - 0.5 * veilLine.x);
  float line = clamp(0.5 * veilLine.y - beside + 0.5, 0.0, 1.0);
  return mix(mix(rgb, veilGrey.rgb, veilGrey.a * strength), veilLines.rgb, veilLines.a * strength * line);
}
#endif

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
  float entry = codeA.discrete ? mod(value.x + 0.5, ${CLASS_COLORS}.0) : (value.x - limits.x) / (limits.y - limits.x) * 256.0;
  vec3 rgb = texelFetch(colors, ivec2(clamp(int(floor(entry)), 0, 255), scaleRow), 0).rgb;
  if (value.y == 0.0) rgb = missingColor;
#if VEIL
  rgb = veiled(rgb, place.xy);
#endif
#if TEST_CARD
  if (testCardLine(place.xy)) rgb = vec3(dot(rgb, vec3(0.299, 0.587, 0.114)) > 0.5 ? 0.0 : 1.0);
#endif
  color = vec4(rgb * place.z, place.z); // premultiplied
}`;

// Lines arrive as thin rectangles (lineCorners in lines.js); the distance from the middle softens a line's edges.
export const LINE_VERTEX_SHADER = `
precision highp float;
layout(location = 0) in vec3 corner;
uniform vec2 panelSize; // device pixels
out float aside;
void main() {
  aside = corner.z;
  gl_Position = vec4(corner.xy / (0.5 * panelSize), 0.0, 1.0);
}`;

export const LINE_FRAGMENT_SHADER = `
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

export const DOT_VERTEX_SHADER = `
precision highp float;
layout(location = 0) in vec3 middle; // device pixels from the centre of the panel
uniform vec2 panelSize; // device pixels
uniform float ratio;    // device pixels in a CSS pixel
void main() {
  gl_PointSize = 6.0 * ratio + 2.0;
  gl_Position = vec4(middle.xy / (0.5 * panelSize), 0.0, 1.0);
}`;

export const DOT_FRAGMENT_SHADER = `
precision highp float;
uniform vec2 center;
uniform float rim;   // device pixels; dots end there
uniform float ratio;
uniform vec4 ink;    // premultiplied, as is the halo
uniform vec4 halo;
out vec4 color;
void main() {
  if (length(gl_FragCoord.xy - center) > rim) discard;
  float away = length(gl_PointCoord - 0.5) * (6.0 * ratio + 2.0);
  float inside = clamp(2.25 * ratio + 0.5 - away, 0.0, 1.0);
  float around = clamp(3.0 * ratio + 0.5 - away, 0.0, 1.0);
  color = ink * inside + halo * around * (1.0 - ink.a * inside);
}`;
