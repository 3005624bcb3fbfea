// Draws the maps with WebGL2: the fields, then lines and points over them.

import { Program } from "./gl_program.js";
import { DOT_OPACITY, dotsOver, HALO_OPACITY, haloOf, linesOver } from "./line_styles.js";
import { lineCorners, pointCenters } from "./lines.js";
import {
  DOT_FRAGMENT_SHADER,
  DOT_VERTEX_SHADER,
  FIELD_SHADER,
  LINE_FRAGMENT_SHADER,
  LINE_VERTEX_SHADER,
  WHOLE_PANEL_SHADER,
} from "./shaders.js";
import { DEGREE } from "./sphere.js";
import { rimRadius } from "./view.js";

const FIELD = { name: "field", vertex: WHOLE_PANEL_SHADER, fragment: FIELD_SHADER };
const LINES = { name: "lines", vertex: LINE_VERTEX_SHADER, fragment: LINE_FRAGMENT_SHADER };
const DOTS = { name: "dots", vertex: DOT_VERTEX_SHADER, fragment: DOT_FRAGMENT_SHADER };

export class WebGLPainter {
  /**
   * @param {HTMLCanvasElement} canvas
   * @throws {Error} where WebGL2 is missing
   */
  constructor(canvas) {
    this.canvas = canvas;
    this.drawsLines = true; // and points
    this.slow = false;
    this.note = "";
    this.coarse = false; // set while the camera moves: half the resolution
    this.gl = canvas.getContext("webgl2", { antialias: false, alpha: true, depth: false });
    if (!this.gl) throw new Error("WebGL2 is missing");
    this.build();
  }

  /** Makes everything that lives on the graphics card; called again after the card has lost it. */
  build() {
    const gl = this.gl;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.enable(gl.SCISSOR_TEST);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.programs = new Map(); // name and definitions -> Program
    this.textures = new Map(); // Values -> one texture per frame
    gl.enableVertexAttribArray(0);
    this.cornerBuffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.cornerBuffer);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    this.orderBuffer = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.orderBuffer);
    this.rectangles = 0; // how many the order buffer has room for
    this.colorTexture = null;
    this.scales = null; // those in the colour texture
  }

  /**
   * @param {object} scene
   * @param {import("./view.js").View[]} views one per panel
   * @param {number} width of the stage
   * @param {number} height of the stage
   * @param {number} ratio device pixels in a CSS pixel
   */
  paint(scene, views, width, height, ratio) {
    const { gl, canvas } = this;
    if (this.coarse) ratio /= 2;
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== deviceWidth || canvas.height !== deviceHeight) {
      [canvas.width, canvas.height] = [deviceWidth, deviceHeight];
    }
    gl.scissor(0, 0, deviceWidth, deviceHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.bindColors(scene.scales);
    scene.panels.forEach((panel, i) => {
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
      for (const line of linesOver(scene, panel, view)) this.paintLines(line, view, frame);
      for (const points of dotsOver(scene, panel)) this.paintDots(points, panel.scale, view, frame);
      gl.disable(gl.BLEND);
    });
  }

  paintField(scene, panel, view, frame) {
    const gl = this.gl;
    const program = this.program(FIELD, {
      KIND: view.kind.toUpperCase(),
      MODE: panel.mode.toUpperCase(),
      SMOOTH: panel.smooth && !panel.a.discrete ? 1 : 0,
      VEIL: scene.veil ? 1 : 0,
      TEST_CARD: scene.testCard ? 1 : 0,
    });
    gl.useProgram(program.handle);
    gl.uniform2f(program.at("center"), frame.centerX, frame.centerY);
    gl.uniform1f(program.at("unit"), view.unit * frame.ratio);
    gl.uniform3f(program.at("eye"), view.longitude * DEGREE, view.sinLatitude, view.cosLatitude);
    gl.uniform1f(program.at("middle"), view.latitude);
    gl.uniform1f(program.at("extent"), view.extent);
    gl.uniform1f(program.at("wipe"), frame.left + scene.wipe * frame.width);
    gl.uniform1i(program.at("scaleRow"), panel.scaleNumber);
    gl.uniform2f(program.at("limits"), panel.scale.low, panel.scale.high);
    gl.uniform3fv(program.at("missingColor"), scene.missingColor);
    gl.uniform1i(program.at("colors"), 2);
    this.bindValues(program, 0, "A", panel.a, scene.frame);
    if (panel.b) this.bindValues(program, 1, "B", panel.b, scene.frame);
    if (scene.veil) this.bindVeil(program, scene.veil, frame.ratio);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  bindVeil(program, veil, ratio) {
    const gl = this.gl;
    this.bindValues(program, 3, "Veil", veil.distance, 0);
    gl.uniform2f(program.at("veilEnds"), veil.begins, veil.km);
    gl.uniform4f(program.at("veilGrey"), ...veil.grey.map((part) => part / 255), veil.opacity);
    gl.uniform4f(program.at("veilLines"), ...veil.lines.map((part) => part / 255), veil.lineOpacity);
    gl.uniform2f(program.at("veilLine"), veil.lineSpacing * ratio, veil.lineWidth * ratio);
  }

  paintLines({ lines, color, opacity, width }, view, frame) {
    const gl = this.gl;
    const halfWidth = (width * frame.ratio) / 2;
    const corners = lineCorners(view, lines, frame.ratio, halfWidth + 1);
    if (!corners.length) return;
    const program = this.useProgram(LINES, view, frame);
    gl.uniform1f(program.at("halfWidth"), halfWidth);
    gl.uniform4f(program.at("ink"), ...premultiplied(color, opacity));
    gl.bufferData(gl.ARRAY_BUFFER, corners, gl.STREAM_DRAW);
    const count = corners.length / 12;
    this.makeRoom(count);
    gl.drawElements(gl.TRIANGLES, 6 * count, gl.UNSIGNED_INT, 0);
  }

  paintDots(points, scale, view, frame) {
    const gl = this.gl;
    const centers = pointCenters(view, points, frame.ratio);
    if (!centers.length) return;
    const program = this.useProgram(DOTS, view, frame);
    gl.uniform1f(program.at("ratio"), frame.ratio);
    gl.uniform4f(program.at("ink"), ...premultiplied(scale.lines, DOT_OPACITY));
    gl.uniform4f(program.at("halo"), ...premultiplied(haloOf(scale), HALO_OPACITY));
    gl.bufferData(gl.ARRAY_BUFFER, centers, gl.STREAM_DRAW);
    gl.drawArrays(gl.POINTS, 0, centers.length / 3);
  }

  /** The program for something over a map, with the uniforms that say where the map is. */
  useProgram(shaders, view, frame) {
    const gl = this.gl;
    const program = this.program(shaders, {});
    gl.useProgram(program.handle);
    gl.uniform2f(program.at("center"), frame.centerX, frame.centerY);
    gl.uniform2f(program.at("panelSize"), frame.width, frame.height);
    gl.uniform1f(program.at("rim"), view.kind === "world" ? 1e6 : view.unit * frame.ratio * rimRadius(view));
    return program;
  }

  /** Fills the order buffer: which corners the two triangles of each rectangle use, for at least this many. */
  makeRoom(count) {
    if (count <= this.rectangles) return;
    this.rectangles = 2 * count;
    const order = new Uint32Array(6 * this.rectangles);
    for (let i = 0; i < this.rectangles; i++) order.set([0, 1, 2, 2, 1, 3].map((corner) => 4 * i + corner), 6 * i);
    this.gl.bufferData(this.gl.ELEMENT_ARRAY_BUFFER, order, this.gl.STATIC_DRAW);
  }

  program({ name, vertex, fragment }, definitions) {
    const key = `${name} ${Object.values(definitions)}`;
    if (!this.programs.has(key)) this.programs.set(key, new Program(this.gl, vertex, fragment, definitions));
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
    const textures = this.textures.get(values);
    if (!textures[frame]) {
      textures[frame] = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, textures[frame]);
      const [internal, type] = {
        u8: [gl.R8UI, gl.UNSIGNED_BYTE],
        u16: [gl.R16UI, gl.UNSIGNED_SHORT],
        f32: [gl.R32UI, gl.UNSIGNED_INT],
      }[values.code];
      gl.texImage2D(gl.TEXTURE_2D, 0, internal, values.columns, values.rows, 0, gl.RED_INTEGER, type,
        values.frameCodes(frame));
      setNearest(gl);
    }
    return textures[frame];
  }

  bindColors(scales) {
    const gl = this.gl;
    gl.activeTexture(gl.TEXTURE2);
    if (this.scales !== scales) {
      gl.deleteTexture(this.colorTexture);
      this.colorTexture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, this.colorTexture);
      const table = new Uint8Array(scales.length * 1024);
      scales.forEach((scale, row) => table.set(scale.rgba, row * 1024));
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, scales.length, 0, gl.RGBA, gl.UNSIGNED_BYTE, table);
      setNearest(gl);
      this.scales = scales;
    }
    gl.bindTexture(gl.TEXTURE_2D, this.colorTexture);
  }

  /** Deletes the textures of all other values. */
  keepOnly(used) {
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

const premultiplied = (color, opacity) => [...color.map((part) => (part / 255) * opacity), opacity];

function setNearest(gl) {
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
}
