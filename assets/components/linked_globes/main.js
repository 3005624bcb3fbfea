// Linked globes: any number of fields in one canvas with one camera. This file holds the state and joins the parts.

const REPORT_AFTER_MS = 300;
const instances = new WeakMap(); // root element -> LinkedGlobes

export default function linkedGlobes({ parentElement, data, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".linked-globes");
  if (!instances.has(root)) instances.set(root, new LinkedGlobes(root));
  const globes = instances.get(root);
  globes.send = { setStateValue, setTriggerValue };
  globes.update(data);
  // Streamlit may call this for an update that was overtaken, too: only a globe that left the page is put away.
  return () => {
    if (!root.isConnected) globes.destroy();
  };
}

class LinkedGlobes {
  constructor(root) {
    this.root = root;
    const part = (name) => root.querySelector(`.${name}`);
    this.stage = part("stage");
    this.baseCanvas = part("base");
    this.overlayCanvas = part("over");
    this.panelList = part("panels");
    this.note = part("note");
    this.where = part("where");
    this.spoken = part("spoken");
    this.walk = { bar: part("walk"), slider: part("walk-slider"), label: part("walk-place"), play: part("walk-play") };
    this.library = new Library();
    this.scene = null;
    this.camera = null;
    this.reported = []; // cameras that Python may send back
    this.updates = { asked: 0, shown: 0 };
    this.frames = 0;
    this.makePainter();
    this.listen();
  }

  makePainter() {
    try {
      this.painter = new ShaderPainter(this.baseCanvas);
      this.baseCanvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
      this.baseCanvas.addEventListener("webglcontextrestored", () => {
        this.painter.build();
        this.schedule();
      });
    } catch (error) {
      console.info(`Linked globes are drawn by the processor: ${error.message}.`);
      this.painter = new ProcessorPainter(this.baseCanvas);
      this.explain("This browser has no WebGL2, so the processor draws the maps: exact, but slow to turn.");
    }
  }

  listen() {
    listenToKeys(this, this.stage);
    const button = (name, act) => this.root.querySelector(`.${name}`).addEventListener("click", act);
    button("go-north", () => this.flyTo({ ...this.camera, latitude: 90 }));
    button("go-south", () => this.flyTo({ ...this.camera, latitude: -90 }));
    button("go-equator", () => this.flyTo({ ...this.camera, latitude: 0 }));
    button("go-probe", () => {
      const [longitude, latitude] = this.scene.probe;
      this.flyTo({ ...this.camera, longitude, latitude });
    });
    button("save", () => this.save());
    this.walk.slider.addEventListener("input", () => this.showFrame(+this.walk.slider.value));
    this.walk.slider.addEventListener("change", () => this.reportFrame());
    this.walk.play.addEventListener("click", () => this.playWalk());
    this.resizing = new ResizeObserver(() => this.schedule());
    this.resizing.observe(this.root);
  }

  destroy() {
    this.resizing.disconnect();
    clearInterval(this.playing);
    clearTimeout(this.reportTimer);
    this.painter.destroy();
    instances.delete(this.root);
  }

  explain(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  // --- data from Python ---------------------------------------------------------------------------------------

  // Shows new data as soon as all of it is here; until then the old picture stays.
  async update(data) {
    const number = ++this.updates.asked;
    let scene;
    try {
      scene = await this.prepare(data);
    } catch (error) {
      console.warn(`Linked globes: ${error.message}`);
      if (!this.scene) this.explain("The values of these maps did not arrive. Reload the page to try again.");
      return;
    }
    if (number < this.updates.shown || !this.root.isConnected) return; // a newer one was quicker
    this.updates.shown = number;
    const camera = asCamera(data.camera);
    if (!this.camera) this.camera = camera;
    else if (!sameCamera(camera, this.askedCamera) && !this.reported.some((mine) => sameCamera(mine, camera))) {
      this.camera = camera; // Python asked for another view
    }
    this.askedCamera = camera;
    this.home = asCamera(data.home);
    const kept = this.scene;
    this.scene = scene;
    scene.wipe = kept?.wipe ?? 0.5;
    scene.frame = kept && sameWalk(kept.walk, scene.walk) ? kept.frame : data.frame;
    this.readTheme();
    this.showFrame(scene.frame);
    this.buildPanels();
    const used = new Set(scene.panels.flatMap(({ a, b }) => [a, b].filter(Boolean)));
    this.painter.forgetAllBut(used);
    this.library.keepOnly(new Set([...data.addresses, ...Object.keys(data.values)]));
    this.schedule();
  }

  async prepare(data) {
    const scales = data.scales.map(makeScale);
    const lines = (address) => address && this.library.get(address, (buffer) => Lines.fromBuffer(buffer));
    const values = (name) => {
      const description = data.values[name];
      return description && this.library.get(description.address, (buffer) => new Values(description, buffer), name);
    };
    const panels = data.panels.map(async (panel) => ({
      ...panel,
      a: await values(panel.a),
      b: await values(panel.b),
      ellipses: await lines(panel.ellipses),
      scale: scales[panel.scaleNumber],
    }));
    const overlays = [data.coastlines, data.points, data.ellipses].map(lines);
    const [coastlines, points, ellipses] = await Promise.all(overlays);
    return {
      ...data,
      panels: await Promise.all(panels),
      scales, coastlines, points, ellipses,
    };
  }

  readTheme() {
    const style = getComputedStyle(this.root);
    const read = (name, otherwise) => style.getPropertyValue(`--st-${name}`).trim() || otherwise;
    const text = style.color;
    this.scene.theme = {
      text,
      faint: `color-mix(in srgb, ${text} 65%, transparent)`,
      border: `color-mix(in srgb, ${text} 35%, transparent)`,
      background: read("background-color", "#ffffff"),
      accent: read("primary-color", "#ff4b4b"),
      font: style.fontFamily,
    };
    this.scene.missingColor = this.scene.missing.map((part) => part / 255);
  }

  buildPanels() {
    const { panels, probe, walk } = this.scene;
    this.root.querySelector(".go-probe").disabled = !probe;
    this.walk.bar.hidden = !walk;
    if (walk) {
      this.walk.slider.max = walk.length - 1;
      this.walk.slider.value = this.scene.frame;
    }
    while (this.panelList.children.length > panels.length) this.panelList.lastChild.remove();
    while (this.panelList.children.length < panels.length) {
      const element = document.createElement("div");
      element.className = "panel";
      element.innerHTML = `<div class="head"><span class="title"></span><output class="value"></output></div>
        <div class="surface" role="img"><div class="cursor" hidden></div><div class="divider" hidden></div></div>`;
      this.panelList.append(element);
      listenToSurface(this, element.querySelector(".surface"), this.panelList.children.length - 1);
    }
    panels.forEach((panel, i) => {
      const element = this.panelList.children[i];
      const title = element.querySelector(".title");
      title.textContent = title.title = panel.title;
      element.querySelector(".surface").setAttribute("aria-label", describePanel(panel));
      element.querySelector(".divider").hidden = panel.mode !== "wipe";
    });
    this.stage.setAttribute("aria-label", `Linked maps: ${panels.map(({ title }) => title).join("; ")}`);
  }

  // --- the walk -----------------------------------------------------------------------------------------------

  showFrame(frame) {
    const { scene } = this;
    scene.frame = scene.walk ? clamp(frame, 0, scene.walk.length - 1) : 0;
    if (scene.walk) {
      scene.probe = scene.walk[scene.frame];
      this.walk.label.textContent = formatPlace(scene.probe);
      this.walk.slider.setAttribute("aria-valuetext", formatPlace(scene.probe));
    }
    scene.ringLines = scene.probe && scene.rings.length
      ? Lines.of(scene.rings.map((km) => circleAround(scene.probe, km)))
      : null;
    if (this.hovered) this.showValues(this.hovered);
    this.schedule();
  }

  reportFrame() {
    this.send.setStateValue("frame", this.scene.frame);
  }

  playWalk() {
    const stop = () => {
      clearInterval(this.playing);
      this.playing = 0;
      this.walk.play.textContent = "▶";
      this.walk.play.setAttribute("aria-label", "Play the walk");
    };
    if (this.playing) {
      stop();
      this.reportFrame();
      return;
    }
    const last = this.scene.walk.length - 1;
    if (this.scene.frame === last) this.showFrame(0);
    this.walk.play.textContent = "⏸";
    this.walk.play.setAttribute("aria-label", "Pause the walk");
    this.playing = setInterval(() => {
      this.showFrame(this.scene.frame + 1);
      this.walk.slider.value = this.scene.frame;
      if (this.scene.frame >= this.scene.walk.length - 1) {
        stop();
        this.reportFrame();
      }
    }, 150);
  }

  // --- the camera ---------------------------------------------------------------------------------------------

  drag(index, from, to) {
    this.setCamera(dragged(this.views[index], this.camera, from, to));
  }

  turnTo(longitude, latitude) {
    this.setCamera({ ...this.camera, longitude: wrapLongitude(longitude), latitude: clamp(latitude, -90, 90) });
  }

  zoomBy(factor) {
    this.setCamera({ ...this.camera, zoom: clamp(this.camera.zoom * factor, LOWEST_ZOOM, HIGHEST_ZOOM) });
  }

  setCamera(camera) {
    this.flight = null;
    this.camera = camera;
    if (this.painter instanceof ProcessorPainter) {
      this.painter.coarse = true;
      clearTimeout(this.fineTimer);
      this.fineTimer = setTimeout(() => {
        this.painter.coarse = false;
        this.schedule();
      }, 250);
    }
    this.schedule();
  }

  // A short glide to another view; at once for those who asked for less motion.
  flyTo(target) {
    const from = { ...this.camera };
    const turn = wrapLongitude(target.longitude - from.longitude);
    const length = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : 450;
    const start = performance.now();
    const flight = (now) => {
      const share = clamp((now - start) / length, 0, 1);
      const eased = share * share * (3 - 2 * share);
      this.setCamera(share === 1 ? { ...target } : {
        longitude: wrapLongitude(from.longitude + turn * eased),
        latitude: from.latitude + (target.latitude - from.latitude) * eased,
        zoom: from.zoom * (target.zoom / from.zoom) ** eased,
      });
      if (share === 1) {
        this.report();
        return;
      }
      this.flight = flight;
      requestAnimationFrame((time) => this.flight === flight && flight(time));
    };
    flight(start);
  }

  // Tells Python where the camera came to rest, once it rests.
  report() {
    clearTimeout(this.reportTimer);
    this.reportTimer = setTimeout(() => {
      const { longitude, latitude, zoom } = this.camera;
      const camera = asCamera([longitude, latitude, zoom].map((value, i) => +value.toFixed(i === 2 ? 3 : 2)));
      if (sameCamera(camera, this.reported.at(-1) ?? this.askedCamera)) return;
      this.reported = [...this.reported.slice(-20), camera];
      this.send.setStateValue("camera", [camera.longitude, camera.latitude, camera.zoom]);
    }, REPORT_AFTER_MS);
  }

  // --- places under the pointer -------------------------------------------------------------------------------

  placeAt(index, x, y) {
    return toPlace(this.views[index], x, y);
  }

  click([longitude, latitude]) {
    this.send.setTriggerValue("clicked", [+longitude.toFixed(6), +latitude.toFixed(6)]);
  }

  hover(index, x, y) {
    this.hovered = Number.isNaN(x) || !this.views ? null : this.placeAt(index, x, y);
    this.showValues(this.hovered);
  }

  // Longitude and latitude, and every panel's value there.
  showValues(place) {
    this.where.textContent = place ? formatPlace(place) : "";
    this.scene.panels.forEach((panel, i) => {
      const element = this.panelList.children[i];
      if (!element) return;
      const cursor = element.querySelector(".cursor");
      const at = place && this.views && toScreen(this.views[i], ...place);
      const { width, height } = this.views?.[i]?.box ?? {};
      cursor.hidden = !at || Math.abs(at[0]) > width / 2 || Math.abs(at[1]) > height / 2;
      if (!cursor.hidden) cursor.style.transform = `translate(${at[0]}px, ${-at[1]}px)`;
      element.querySelector(".value").textContent = place ? this.valueText(panel, i, place) : "";
    });
  }

  valueText(panel, i, [longitude, latitude]) {
    let wiped = false;
    if (panel.mode === "wipe") {
      const at = toScreen(this.views[i], longitude, latitude);
      wiped = Boolean(at) && at[0] + this.views[i].box.width / 2 >= this.scene.wipe * this.views[i].box.width;
    }
    return describeValue(panel.scale, panelValue(panel, this.scene.frame, longitude, latitude, wiped));
  }

  announce() {
    clearTimeout(this.announceTimer);
    this.announceTimer = setTimeout(() => {
      const place = [wrapLongitude(this.camera.longitude), this.camera.latitude];
      const values = this.scene.panels.map((panel, i) => `${panel.title}: ${this.valueText(panel, i, place)}`);
      this.spoken.textContent = `Centre ${formatPlace(place)}. ${values.join("; ")}`;
    }, 400);
  }

  nearDivider(index, x) {
    if (this.scene?.panels[index].mode !== "wipe") return false;
    const { width } = this.views[index].box;
    return Math.abs(x + width / 2 - this.scene.wipe * width) < 10;
  }

  moveDivider(index, x) {
    const { width } = this.views[index].box;
    this.scene.wipe = clamp((x + width / 2) / width, 0, 1);
    this.schedule();
  }

  // --- drawing ------------------------------------------------------------------------------------------------

  schedule() {
    if (this.waiting || !this.scene) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.root.isConnected) this.draw();
    });
  }

  draw() {
    const width = this.root.clientWidth;
    if (!width) return; // on a hidden tab
    const layout = layoutPanels(this.scene.panels, width, this.scene.height);
    this.stage.style.height = `${layout.height}px`;
    this.views = this.scene.panels.map((panel, i) => makeView(panel, this.camera, layout.boxes[i]));
    this.paint(layout, width, Math.min(2, devicePixelRatio));
    this.views.forEach(({ box }, i) => {
      const element = this.panelList.children[i];
      Object.assign(element.style, { left: `${box.x}px`, top: `${box.y - TITLE_HEIGHT}px`, width: `${box.width}px` });
      element.querySelector(".surface").style.height = `${box.height}px`;
      element.querySelector(".divider").style.left = `${100 * this.scene.wipe}%`;
    });
    this.frames += 1;
    Object.assign(this.stage.dataset, {
      frames: this.frames, // for the tests and the benchmark
      shown: this.updates.shown,
      camera: JSON.stringify([this.camera.longitude, this.camera.latitude, this.camera.zoom]),
      boxes: JSON.stringify(layout.boxes),
    });
  }

  paint(layout, width, ratio) {
    const { scene, painter, overlayCanvas, views } = this;
    painter.paint(scene, scene.panels, views, width, layout.height, ratio);
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(layout.height * ratio)];
    if (overlayCanvas.width !== deviceWidth || overlayCanvas.height !== deviceHeight) {
      [overlayCanvas.width, overlayCanvas.height] = [deviceWidth, deviceHeight];
    }
    const context = overlayCanvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, layout.height);
    scene.panels.forEach((panel, i) => drawOverlay(context, scene, panel, views[i], !painter.drawsLines));
    for (const bar of layout.bars) drawBar(context, scene.theme, bar);
  }

  // The whole picture, titles and bars included, as a PNG of twice the size on the screen.
  save() {
    const width = this.root.clientWidth;
    const layout = layoutPanels(this.scene.panels, width, this.scene.height);
    const ratio = 2;
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [width * ratio, layout.height * ratio];
    const context = picture.getContext("2d");
    context.fillStyle = this.scene.theme.background;
    context.fillRect(0, 0, picture.width, picture.height);
    this.paint(layout, width, ratio);
    context.drawImage(this.baseCanvas, 0, 0);
    context.drawImage(this.overlayCanvas, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = `600 14px ${this.scene.theme.font}`;
    [context.fillStyle, context.textBaseline] = [this.scene.theme.text, "middle"];
    this.scene.panels.forEach((panel, i) => {
      const box = layout.boxes[i];
      context.fillText(shorten(context, panel.title, box.width), box.x, box.y - TITLE_HEIGHT / 2);
    });
    this.draw();
    picture.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = "linked-globes.png";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
}

const asCamera = ([longitude, latitude, zoom]) => ({ longitude, latitude, zoom });

const sameCamera = (one, other) =>
  Boolean(one && other) &&
  one.longitude === other.longitude && one.latitude === other.latitude && one.zoom === other.zoom;

const sameWalk = (one, other) => JSON.stringify(one) === JSON.stringify(other);

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
