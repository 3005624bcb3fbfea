// The pointer, the keys and the buttons: each listener calls a method of the globes.

import { pinchFactor, wheelFactor } from "./camera.js";
import { wrapLongitude } from "./sphere.js";

const CLICK_PIXELS = 4; // a press that moves less is a click
const DOUBLE_CLICK_MS = 250;
const WHEEL_HINT = "Use Ctrl + scroll to zoom, or click a map first";

/**
 * @param {import("./globes.js").LinkedGlobes} globes
 * @param {HTMLElement} surface
 * @param {number} index of the panel
 */
export function listenToSurface(globes, surface, index) {
  const pointers = new Map(); // id -> last position
  let travel = 0;
  let clickTimer = 0;
  let wiping = false;
  const positionOf = (event) => { // pixels right of and above the centre
    const box = surface.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, box.top + box.height / 2 - event.clientY];
  };

  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    surface.setPointerCapture(event.pointerId);
    if (pointers.size === 0) travel = 0;
    pointers.set(event.pointerId, positionOf(event));
    wiping = globes.isNearDivider(index, positionOf(event)[0]);
    globes.stage.focus({ preventScroll: true });
  });
  surface.addEventListener("pointermove", (event) => {
    const [x, y] = positionOf(event);
    const last = pointers.get(event.pointerId);
    surface.style.cursor = globes.isNearDivider(index, x) ? "ew-resize" : "";
    if (!last) {
      globes.hover(index, [x, y]);
      return;
    }
    pointers.set(event.pointerId, [x, y]);
    travel += Math.hypot(x - last[0], y - last[1]);
    if (wiping) globes.moveDivider(index, x);
    else if (pointers.size === 2) {
      const [resting] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, position]) => position);
      globes.zoomBy(pinchFactor(last, [x, y], resting));
    } else if (travel >= CLICK_PIXELS) globes.drag(index, last, [x, y]);
  });
  const release = (event) => {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    globes.hover(index, positionOf(event));
    if (travel >= CLICK_PIXELS || event.type === "pointercancel") {
      globes.reportCamera();
      return;
    }
    const place = globes.placeAt(index, positionOf(event));
    clearTimeout(clickTimer);
    if (place) clickTimer = setTimeout(() => globes.click(place), DOUBLE_CLICK_MS);
  };
  surface.addEventListener("pointerup", release);
  surface.addEventListener("pointercancel", release);
  surface.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") globes.hover(index, null); // a finger leaves whenever it is lifted
  });
  surface.addEventListener("dblclick", () => {
    clearTimeout(clickTimer);
    globes.flyHome();
  });
  surface.addEventListener("wheel", (event) => {
    if (!(event.ctrlKey || event.metaKey || globes.takesWheel())) { // a pinch on a touch pad comes with ctrlKey
      globes.hint.show(WHEEL_HINT);
      return; // the page scrolls
    }
    event.preventDefault();
    globes.hint.hide();
    globes.zoomBy(wheelFactor(event.deltaY));
    globes.reportCamera();
  }, { passive: false });
}

/**
 * @param {import("./globes.js").LinkedGlobes} globes
 * @param {HTMLElement} stage
 */
export function listenToKeys(globes, stage) {
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { longitude, latitude, zoom } = globes.camera;
    const step = (event.shiftKey ? 1 : 10) / Math.max(1, zoom); // degrees
    const actions = {
      ArrowLeft: () => globes.turnTo(longitude - step, latitude),
      ArrowRight: () => globes.turnTo(longitude + step, latitude),
      ArrowUp: () => globes.turnTo(longitude, latitude + step),
      ArrowDown: () => globes.turnTo(longitude, latitude - step),
      "+": () => globes.zoomBy(1.25),
      "=": () => globes.zoomBy(1.25),
      "-": () => globes.zoomBy(0.8),
      "0": () => globes.flyHome(),
      f: () => globes.fullScreen.toggle(),
      Enter: () => globes.click([wrapLongitude(longitude), latitude]),
    };
    if (!Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
    globes.readout.announce();
    globes.reportCamera();
  });
}

/**
 * @param {import("./globes.js").LinkedGlobes} globes
 * @param {Element} root
 */
export function listenToButtons(globes, root) {
  const actions = {
    "go-north": () => globes.flyTo({ ...globes.camera, latitude: 90 }),
    "go-south": () => globes.flyTo({ ...globes.camera, latitude: -90 }),
    "go-equator": () => globes.flyTo({ ...globes.camera, latitude: 0 }),
    "go-probe": () => {
      const [longitude, latitude] = globes.scene.probe;
      globes.flyTo({ ...globes.camera, longitude, latitude });
    },
    "full": () => globes.fullScreen.toggle(),
    "save": () => globes.save(),
  };
  for (const [name, action] of Object.entries(actions)) {
    root.querySelector(`.${name}`).addEventListener("click", action);
  }
}
