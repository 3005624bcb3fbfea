// Linked globes: one to eight maps in one canvas with one camera. The state, and what joins the parts.

import {
  dragCamera, glide, roundCamera, sameCamera, toCamera, toNumbers, turnCamera, zoomCamera,
} from "./camera.js";
import { CPUPainter } from "./cpu_painter.js";
import { FileCache } from "./files.js";
import { FullScreen } from "./full_screen.js";
import { Hint } from "./hint.js";
import { listenToButtons, listenToKeys, listenToSurface } from "./interaction.js";
import { fillPage, layoutPanels } from "./layout.js";
import { Lines } from "./lines.js";
import { Overlay } from "./overlay.js";
import { Pace } from "./pace.js";
import { fitPanels, placeDividers, placePanels } from "./panels.js";
import { composePicture, download } from "./picture.js";
import { Readout } from "./readout.js";
import { makeScene } from "./scene.js";
import { circleAround, clamp } from "./sphere.js";
import { readTheme } from "./theme.js";
import { VEIL_LEGEND_HEIGHT } from "./veil.js";
import { makeView, toPlace } from "./view.js";
import { Walk } from "./walk.js";
import { WebGLPainter } from "./webgl_painter.js";

const REPORT_AFTER_MS = 300; // the camera has come to rest
const FLIGHT_MS = 450;
const DIVIDER_REACH = 10; // pixels to either side
const FIRST_WIDTH = 320; // on a hidden tab; drawn again when it shows
const SAVED_RATIO = 2;
const PROJECTED_SHARE = 0.64; // of the window's height, for maps on a wall: title and buttons take the rest

export class LinkedGlobes {
  /** @param {Element} root the element of frame.html */
  constructor(root) {
    this.root = root;
    const part = (name) => root.querySelector(`.${name}`);
    this.stage = part("stage");
    this.canvas = part("base");
    this.overlay = new Overlay(part("over"));
    this.panelList = part("panels");
    this.note = part("note");
    this.hint = new Hint(part("hint"));
    this.fullScreen = new FullScreen(root, () => this.schedule());
    this.readout = new Readout(this, root);
    this.walk = new Walk(this, root);
    this.pace = new Pace(() => this.painter.coarse && this.schedule());
    this.files = new FileCache();
    this.scene = null; // until the first update has arrived
    this.camera = null;
    this.reportedCameras = []; // Python may send them back
    this.updates = { requested: 0, shown: 0 };
    this.frames = 0; // drawn
    this.painter = this.makePainter();
    this.showNote(this.painter.note);
    listenToKeys(this, this.stage);
    listenToButtons(this, root);
    this.resizing = new ResizeObserver(() => this.schedule());
    this.resizing.observe(root);
  }

  makePainter() {
    try {
      const painter = new WebGLPainter(this.canvas);
      this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
      this.canvas.addEventListener("webglcontextrestored", () => {
        painter.build();
        this.schedule();
      });
      return painter;
    } catch (error) {
      console.info(`Linked globes are drawn by the processor: ${error.message}.`);
      return new CPUPainter(this.canvas);
    }
  }

  destroy() {
    this.resizing.disconnect();
    this.walk.stop();
    this.pace.destroy();
    this.readout.destroy();
    this.fullScreen.destroy();
    this.hint.hide();
    clearTimeout(this.reportTimer);
    this.painter.destroy();
  }

  showNote(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  // --- data from Python ---------------------------------------------------------------------------------------

  /**
   * Shows new data once all of its files have arrived; until then the old picture stays.
   *
   * @param {object} data the message of s2v/ui/linked_globes.py
   */
  async update(data) {
    const number = ++this.updates.requested;
    if (!this.scene) this.reserve(data);
    let scene;
    try {
      scene = await makeScene(data, this.files);
    } catch (error) {
      if (number < this.updates.requested) return; // a newer update has replaced this one
      console.error(`Linked globes: ${error.message}`);
      if (!this.scene) this.showNote("The values of these maps did not arrive. Reload the page to try again.");
      return;
    }
    if (number < this.updates.shown || !this.root.isConnected) return; // a newer update was faster
    this.updates.shown = number;
    this.showNote(this.painter.note);
    this.takeCamera(toCamera(data.camera));
    const before = this.scene;
    this.scene = scene;
    scene.wipe = before?.wipe ?? 0.5;
    scene.frame = before && sameWalk(before.walk, scene.walk) ? before.frame : data.frame;
    scene.theme = readTheme(this.root);
    this.arrange();
    this.fitPanels();
    this.walk.fit(scene);
    this.showFrame(scene.frame);
    if (number < this.updates.requested) return; // the next update may still need what is there
    this.painter.keepOnly(new Set([...scene.panels.flatMap(({ a, b }) => [a, b]), scene.veil?.distance]));
    this.files.keepOnly(new Set([...data.addresses, ...Object.keys(data.values)]));
  }

  /** Takes the room that the maps will need, so that nothing below them jumps when their files arrive. */
  reserve({ panels, scales, columns, veil, ...data }) {
    const height = heightOf(data);
    const boxes = panels.map(({ kind, scaleNumber }) => ({ kind, scale: scales[scaleNumber] }));
    const width = this.root.clientWidth || FIRST_WIDTH;
    this.stage.style.height = `${layoutPanels(boxes, width, height, columns, footOf(veil)).height}px`;
  }

  /** Follows Python to a new view, but not back to one where the reader has just been. */
  takeCamera(camera) {
    const known = [this.requestedCamera, ...this.reportedCameras].some((other) => sameCamera(other, camera));
    if (!known) {
      this.camera = this.home = camera;
      this.reportedCameras = []; // Python may come back to one of them later
    }
    this.requestedCamera = camera;
  }

  fitPanels() {
    const { panels, probe, veil } = this.scene;
    this.root.querySelector(".go-probe").disabled = !probe;
    fitPanels(this.panelList, panels, (surface, index) => listenToSurface(this, surface, index));
    const titles = panels.map(({ title }) => title).join("; ");
    this.stage.setAttribute("aria-label", `Linked maps: ${titles}${veil ? `. ${veil.meaning}` : ""}`);
  }

  /** Shows a step of the walk: its probe, rings and frames. */
  showFrame(frame) {
    const { scene } = this;
    scene.frame = scene.walk ? clamp(frame, 0, scene.walk.length - 1) : 0;
    if (scene.walk) scene.probe = scene.walk[scene.frame];
    scene.ringLines = scene.probe && scene.rings.length
      ? Lines.of(scene.rings.map((km) => circleAround(scene.probe, km)))
      : null;
    if (this.readout.place) this.readout.showValues();
    this.schedule();
  }

  // --- the camera ---------------------------------------------------------------------------------------------

  drag(index, from, to) {
    this.setCamera(dragCamera(this.views[index], this.camera, from, to));
  }

  turnTo(longitude, latitude) {
    this.setCamera(turnCamera(this.camera, longitude, latitude));
  }

  zoomBy(factor) {
    this.setCamera(zoomCamera(this.camera, factor));
  }

  setCamera(camera) {
    this.flight = null;
    this.camera = camera;
    this.pace.move();
    this.schedule();
  }

  flyHome() {
    this.flyTo(this.home);
  }

  /** A short glide to another view; a jump for readers who prefer less motion. */
  flyTo(target) {
    const from = this.camera;
    const start = performance.now();
    const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : FLIGHT_MS;
    const flight = (now) => {
      const share = clamp((now - start) / duration, 0, 1);
      this.setCamera(glide(from, target, share));
      if (share === 1) {
        this.reportCamera();
        return;
      }
      this.flight = flight;
      requestAnimationFrame((time) => this.flight === flight && flight(time));
    };
    flight(start);
  }

  // --- reports to Python --------------------------------------------------------------------------------------

  /** Reports the camera once it has come to rest. */
  reportCamera() {
    clearTimeout(this.reportTimer);
    this.reportTimer = setTimeout(() => {
      const camera = roundCamera(this.camera);
      if (sameCamera(camera, this.reportedCameras.at(-1) ?? this.requestedCamera)) return;
      this.reportedCameras = [...this.reportedCameras.slice(-20), camera];
      this.send.setStateValue("camera", toNumbers(camera));
    }, REPORT_AFTER_MS);
  }

  reportFrame() {
    this.send.setStateValue("frame", this.scene.frame);
  }

  click([longitude, latitude]) {
    this.send.setTriggerValue("clicked", [+longitude.toFixed(6), +latitude.toFixed(6)]);
  }

  // --- the pointer --------------------------------------------------------------------------------------------

  placeAt(index, [x, y]) {
    return toPlace(this.views[index], x, y);
  }

  /** @param {[number, number] | null} position null when the pointer has left */
  hover(index, position) {
    this.readout.pointAt(position && this.placeAt(index, position));
  }

  /** Whether the wheel is for the maps, not for the page: once a map was clicked, and where there is no page. */
  takesWheel() {
    return this.fullScreen.on || this.stage.matches(":focus");
  }

  isNearDivider(index, x) {
    if (this.scene.panels[index].mode !== "wipe") return false;
    const { width } = this.views[index].box;
    return Math.abs(x + width / 2 - this.scene.wipe * width) < DIVIDER_REACH;
  }

  moveDivider(index, x) {
    const { width } = this.views[index].box;
    this.scene.wipe = clamp((x + width / 2) / width, 0, 1);
    this.schedule();
  }

  // --- drawing ------------------------------------------------------------------------------------------------

  /** Draws at the next animation frame. */
  schedule() {
    if (this.waiting || !this.scene) return;
    this.waiting = true;
    const requested = performance.now();
    requestAnimationFrame(() => {
      this.waiting = false;
      this.pace.drawn(performance.now() - requested);
      if (this.root.isConnected) this.draw();
    });
  }

  /** Lays the panels out for the current width and camera. */
  arrange() {
    this.width = this.root.clientWidth || FIRST_WIDTH;
    const { panels, columns, veil } = this.scene;
    const height = heightOf(this.scene);
    this.layout = this.fullScreen.on
      ? fillPage(panels, this.width, this.fullScreen.height, footOf(veil))
      : layoutPanels(panels, this.width, height, columns, footOf(veil));
    this.views = panels.map((panel, i) => makeView(panel, this.camera, this.layout.boxes[i]));
  }

  draw() {
    this.arrange();
    this.placeElements();
    this.painter.coarse = this.pace.moving && (this.pace.slow || this.painter.slow);
    this.paint(Math.min(2, devicePixelRatio));
    this.frames += 1;
    this.stage.dataset.frames = this.frames; // for the tests and the benchmark
    this.stage.dataset.camera = JSON.stringify(toNumbers(this.camera));
  }

  placeElements() {
    placeDividers(this.panelList, this.scene.wipe);
    const boxes = JSON.stringify(this.layout.boxes);
    if (this.stage.dataset.boxes === boxes && this.stage.style.height === `${this.layout.height}px`) return;
    this.stage.dataset.boxes = boxes;
    this.stage.style.height = `${this.layout.height}px`;
    placePanels(this.panelList, this.layout.boxes);
  }

  paint(ratio) {
    const { scene, layout, views, width, painter } = this;
    painter.paint(scene, views, width, layout.height, ratio);
    this.overlay.paint(scene, layout, views, {
      width,
      ratio,
      zoom: this.camera.zoom,
      withLines: !painter.drawsLines,
      update: this.updates.shown,
    });
  }

  save() {
    this.arrange();
    this.painter.coarse = false;
    this.paint(SAVED_RATIO);
    const canvases = [this.canvas, this.overlay.canvas];
    const picture = composePicture(this.scene, this.layout, canvases, this.width, SAVED_RATIO);
    this.draw(); // at the screen's own resolution again
    download(picture, `${this.scene.fileName || "linked-globes"}.png`);
  }
}

/** Pixels below the colour bars. */
const footOf = (veil) => (veil ? VEIL_LEGEND_HEIGHT : 0);

const sameWalk = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The height of a row of maps: on a projector, with `fit`, as large as the window has room for. */
function heightOf({ height, fit }) {
  return fit ? Math.max(height, Math.round(PROJECTED_SHARE * window.innerHeight)) : height;
}
