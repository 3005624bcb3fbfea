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
    this.walk = new Walk(this, root);
    this.pace = new Pace(() => this.painter.coarse && this.schedule());
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
    this.resizing = new ResizeObserver(() => this.schedule());
    this.resizing.observe(this.root);
  }

  destroy() {
    this.resizing.disconnect();
    this.walk.destroy();
    this.pace.destroy();
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
      scene = await makeScene(data, this.library);
    } catch (error) {
      if (number < this.updates.asked) return; // nobody waits for these any more
      console.error(`Linked globes: ${error.message}`);
      if (!this.scene) this.explain("The values of these maps did not arrive. Reload the page to try again.");
      return;
    }
    if (number < this.updates.shown || !this.root.isConnected) return; // a newer one was quicker
    this.updates.shown = number;
    const camera = asCamera(data.camera);
    const known = [this.askedCamera, ...this.reported].some((mine) => sameCamera(mine, camera));
    if (!known) this.camera = this.home = camera; // Python asks for another view, or for the first
    this.askedCamera = camera;
    const kept = this.scene;
    this.scene = scene;
    scene.wipe = kept?.wipe ?? 0.5;
    scene.frame = kept && sameWalk(kept.walk, scene.walk) ? kept.frame : data.frame;
    scene.theme = readTheme(this.root);
    this.arrange();
    this.buildPanels();
    this.walk.fit(scene);
    this.showFrame(scene.frame);
    if (number < this.updates.asked) return; // the next update may still want what is there
    this.painter.forgetAllBut(new Set(scene.panels.flatMap(({ a, b }) => [a, b].filter(Boolean))));
    this.library.keepOnly(new Set([...data.addresses, ...Object.keys(data.values)]));
  }

  buildPanels() {
    const { panels, probe } = this.scene;
    this.root.querySelector(".go-probe").disabled = !probe;
    while (this.panelList.children.length > panels.length) this.panelList.lastChild.remove();
    while (this.panelList.children.length < panels.length) {
      const element = document.createElement("div");
      element.className = "panel";
      element.innerHTML = `<div class="head"><span class="title"></span><span class="value"></span></div>
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

  // Shows a step of the walk: its probe, its rings, its frames.
  showFrame(frame) {
    const { scene } = this;
    scene.frame = scene.walk ? clamp(frame, 0, scene.walk.length - 1) : 0;
    if (scene.walk) scene.probe = scene.walk[scene.frame];
    scene.ringLines = scene.probe && scene.rings.length
      ? Lines.of(scene.rings.map((km) => circleAround(scene.probe, km)))
      : null;
    if (this.hovered) this.showValues(this.hovered);
    this.schedule();
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
    this.pace.move();
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
    this.hovered = Number.isNaN(x) ? null : this.placeAt(index, x, y);
    this.showValues(this.hovered);
  }

  // Longitude and latitude, and every panel's value there.
  showValues(place) {
    this.where.textContent = place ? formatPlace(place) : "";
    this.scene.panels.forEach((panel, i) => {
      const element = this.panelList.children[i];
      const cursor = element.querySelector(".cursor");
      const { width, height } = this.views[i].box;
      const at = place && toScreen(this.views[i], ...place);
      cursor.hidden = !at || Math.abs(at[0]) > width / 2 || Math.abs(at[1]) > height / 2;
      if (!cursor.hidden) cursor.style.transform = `translate(${at[0]}px, ${-at[1]}px)`;
      element.querySelector(".value").textContent = place ? this.valueText(panel, i, place) : "";
    });
  }

  valueText(panel, i, place) {
    const at = toScreen(this.views[i], ...place);
    const { width } = this.views[i].box;
    const wiped = Boolean(at) && at[0] + width / 2 >= this.scene.wipe * width;
    return describeValue(panel.scale, panelValue(panel, this.scene.frame, ...place, wiped));
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
    if (this.scene.panels[index].mode !== "wipe") return false;
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
    const asked = performance.now();
    requestAnimationFrame(() => {
      this.waiting = false;
      this.pace.waited(performance.now() - asked);
      if (this.root.isConnected) this.draw();
    });
  }

  // Where everything goes for the width that there is, and how each panel looks at the sphere.
  arrange() {
    const width = this.root.clientWidth || 320; // 320: on a hidden tab, to be arranged again when it shows
    this.layout = { width, ...layoutPanels(this.scene.panels, width, this.scene.height) };
    this.views = this.scene.panels.map((panel, i) => makeView(panel, this.camera, this.layout.boxes[i]));
  }

  draw() {
    this.arrange();
    this.placeElements();
    this.painter.coarse = this.pace.moving && (this.pace.slow || this.painter instanceof ProcessorPainter);
    this.paint(Math.min(2, devicePixelRatio));
    this.frames += 1;
    this.stage.dataset.frames = this.frames; // for the tests and the benchmark
    this.stage.dataset.camera = JSON.stringify([this.camera.longitude, this.camera.latitude, this.camera.zoom]);
  }

  placeElements() {
    for (const divider of this.panelList.querySelectorAll(".divider")) divider.style.left = `${100 * this.scene.wipe}%`;
    const boxes = JSON.stringify(this.layout.boxes);
    if (this.stage.dataset.boxes === boxes && this.stage.style.height === `${this.layout.height}px`) return;
    this.stage.dataset.boxes = boxes;
    this.stage.style.height = `${this.layout.height}px`;
    this.layout.boxes.forEach((box, i) => {
      const element = this.panelList.children[i];
      Object.assign(element.style, { left: `${box.x}px`, top: `${box.y - TITLE_HEIGHT}px`, width: `${box.width}px` });
      element.querySelector(".surface").style.height = `${box.height}px`;
    });
  }

  paint(ratio) {
    const { scene, painter, overlayCanvas, views } = this;
    const { width, height, boxes, bars } = this.layout;
    painter.paint(scene, scene.panels, views, width, height, ratio);
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (overlayCanvas.width !== deviceWidth || overlayCanvas.height !== deviceHeight) {
      [overlayCanvas.width, overlayCanvas.height] = [deviceWidth, deviceHeight];
    }
    const context = overlayCanvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const shown = JSON.stringify([this.updates.shown, ratio, width, boxes]);
    const { zoom } = this.camera;
    if (shown !== this.shownBars) { // the colour bars outlast a turn of the camera
      context.clearRect(0, 0, width, height);
      for (const bar of bars) drawBar(context, scene.theme, bar);
      this.shownBars = shown;
    } else if (zoom === this.shownZoom && painter.drawsLines && !turnsWithCamera(scene)) return;
    else for (const box of boxes) context.clearRect(box.x - 1, box.y - 1, box.width + 2, box.height + 2);
    this.shownZoom = zoom;
    scene.panels.forEach((panel, i) => drawOverlay(context, scene, panel, views[i], !painter.drawsLines));
  }

  // The whole picture, titles and bars included, as a PNG of twice the size on the screen.
  save() {
    const ratio = 2;
    this.arrange();
    const { width, height, boxes } = this.layout;
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [width * ratio, height * ratio];
    const context = picture.getContext("2d");
    context.fillStyle = this.scene.theme.background;
    context.fillRect(0, 0, picture.width, picture.height);
    this.painter.coarse = false;
    this.paint(ratio);
    context.drawImage(this.baseCanvas, 0, 0);
    context.drawImage(this.overlayCanvas, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = `600 14px ${this.scene.theme.font}`;
    [context.fillStyle, context.textBaseline] = [this.scene.theme.text, "middle"];
    this.scene.panels.forEach((panel, i) => {
      const { x, y, width: room } = boxes[i];
      context.fillText(shorten(context, panel.title, room), x, y - TITLE_HEIGHT / 2);
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
