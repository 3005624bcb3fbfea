// A compiled WebGL2 program.

/** The names that the shaders compare KIND and MODE with. */
const CONSTANTS = { GLOBE: 0, NORTH: 1, SOUTH: 2, WORLD: 3, VALUE: 0, DIFFERENCE: 1, WIPE: 2 };

export class Program {
  /**
   * @param {WebGL2RenderingContext} gl
   * @param {string} vertexSource
   * @param {string} fragmentSource
   * @param {Record<string, string | number>} definitions for the preprocessor
   */
  constructor(gl, vertexSource, fragmentSource, definitions) {
    this.gl = gl;
    this.handle = gl.createProgram();
    this.locations = new Map();
    const lines = Object.entries({ ...CONSTANTS, ...definitions }).map(([name, value]) => `#define ${name} ${value}\n`);
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

  /** The location of a uniform. */
  at(name) {
    if (!this.locations.has(name)) this.locations.set(name, this.gl.getUniformLocation(this.handle, name));
    return this.locations.get(name);
  }
}
