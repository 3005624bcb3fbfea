// Pointer and keyboard. Each listener changes the camera or reports a place through the globes' own methods.

const LOWEST_ZOOM = 0.7;
const HIGHEST_ZOOM = 60;
const CLICK_PIXELS = 4; // a press that moves less is a click
const DOUBLE_CLICK_MS = 250;

// Listens on one panel's surface; ``index`` is its number among the panels.
function listenToSurface(globes, surface, index) {
  const pointers = new Map(); // id -> last position
  let travel = 0;
  let clickTimer = 0;
  let wiping = false;
  const positionOf = (event) => {
    const box = surface.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, box.top + box.height / 2 - event.clientY];
  };

  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    surface.setPointerCapture(event.pointerId);
    if (pointers.size === 0) travel = 0;
    pointers.set(event.pointerId, positionOf(event));
    wiping = globes.nearDivider(index, positionOf(event)[0]);
    globes.stage.focus({ preventScroll: true });
  });
  surface.addEventListener("pointermove", (event) => {
    const [x, y] = positionOf(event);
    const last = pointers.get(event.pointerId);
    surface.style.cursor = globes.nearDivider(index, x) ? "ew-resize" : "";
    if (!last) {
      globes.hover(index, x, y);
      return;
    }
    pointers.set(event.pointerId, [x, y]);
    travel += Math.hypot(x - last[0], y - last[1]);
    if (wiping) globes.moveDivider(index, x);
    else if (pointers.size === 2) {
      const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const spread = (at) => Math.max(10, Math.hypot(at[0] - other[0], at[1] - other[1]));
      globes.zoomBy(spread([x, y]) / spread(last));
    } else if (travel >= CLICK_PIXELS) globes.drag(index, last, [x, y]);
  });
  const release = (event) => {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    globes.hover(index, ...positionOf(event));
    if (travel >= CLICK_PIXELS || event.type === "pointercancel") {
      globes.report();
      return;
    }
    const place = globes.placeAt(index, ...positionOf(event));
    clearTimeout(clickTimer);
    if (place) clickTimer = setTimeout(() => globes.click(place), DOUBLE_CLICK_MS);
  };
  surface.addEventListener("pointerup", release);
  surface.addEventListener("pointercancel", release);
  surface.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") globes.hover(index, NaN, NaN); // a finger leaves whenever it is lifted
  });
  surface.addEventListener("dblclick", () => {
    clearTimeout(clickTimer);
    globes.flyTo(globes.home);
  });
  surface.addEventListener("wheel", (event) => {
    event.preventDefault();
    globes.zoomBy(Math.exp(-clamp(event.deltaY, -240, 240) / 480));
    globes.report();
  }, { passive: false });
}

function listenToKeys(globes, stage) {
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (event.shiftKey ? 1 : 10) / Math.max(1, globes.camera.zoom);
    const { longitude, latitude } = globes.camera;
    const actions = {
      ArrowLeft: () => globes.turnTo(longitude - step, latitude),
      ArrowRight: () => globes.turnTo(longitude + step, latitude),
      ArrowUp: () => globes.turnTo(longitude, latitude + step),
      ArrowDown: () => globes.turnTo(longitude, latitude - step),
      "+": () => globes.zoomBy(1.25),
      "=": () => globes.zoomBy(1.25),
      "-": () => globes.zoomBy(0.8),
      "0": () => globes.flyTo(globes.home),
      Enter: () => globes.click([wrapLongitude(longitude), latitude]),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
    globes.announce();
    globes.report();
  });
}

// The camera after a drag from one position (pixels right and up of the panel's centre) to another.
function dragged(view, camera, [fromX, fromY], [toX, toY]) {
  if (view.kind === "north" || view.kind === "south") {
    const turned = Math.atan2(toY, toX) - Math.atan2(fromY, fromX); // about the pole
    const side = view.kind === "north" ? 1 : -1;
    return { ...camera, longitude: wrapLongitude(camera.longitude - (side * turned) / RADIAN) };
  }
  const degrees = view.kind === "world" ? 1 / view.unit : 1 / (view.unit * RADIAN);
  const tilts = view.kind === "globe" || camera.zoom > 1;
  return {
    ...camera,
    longitude: wrapLongitude(camera.longitude - (toX - fromX) * degrees),
    latitude: tilts ? clamp(camera.latitude - (toY - fromY) * degrees, -90, 90) : camera.latitude,
  };
}
