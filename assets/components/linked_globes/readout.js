// Values in words: at the place under the pointer, and at the centre for a screen reader.

import { showPlace } from "./panels.js";
import { wrapLongitude } from "./sphere.js";
import { describeValue, formatPlace } from "./text.js";
import { panelValue } from "./values.js";
import { distanceAt } from "./veil.js";
import { toScreen } from "./view.js";

const ANNOUNCE_AFTER_MS = 400; // a screen reader is not to hear of every step on the way

export class Readout {
  /**
   * @param {import("./globes.js").LinkedGlobes} globes
   * @param {Element} root
   */
  constructor(globes, root) {
    this.globes = globes;
    this.output = root.querySelector(".where");
    this.spoken = root.querySelector(".spoken");
    this.place = null; // under the pointer
  }

  /** @param {[number, number] | null} place null where there is none under the pointer */
  pointAt(place) {
    this.place = place;
    this.output.textContent = place ? this.placeText(place) : "";
    this.showValues();
  }

  showValues() {
    const { scene, views, panelList } = this.globes;
    scene.panels.forEach((panel, i) => {
      const value = this.place ? this.valueText(i, this.place) : "";
      showPlace(panelList.children[i], views[i], this.place, value);
    });
  }

  /** Says what is at the centre once the camera has been moved. */
  announce() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { scene, camera } = this.globes;
      const place = [wrapLongitude(camera.longitude), camera.latitude];
      const values = scene.panels.map(({ title }, i) => `${title}: ${this.valueText(i, place)}`);
      this.spoken.textContent = `Centre ${this.placeText(place)}. ${values.join("; ")}`;
    }, ANNOUNCE_AFTER_MS);
  }

  placeText(place) {
    const { veil } = this.globes.scene;
    return formatPlace(place) + (veil ? `, ${Math.round(distanceAt(veil, place)).toLocaleString("en")} km from data` : "");
  }

  valueText(i, place) {
    const { scene, views } = this.globes;
    const [panel, view] = [scene.panels[i], views[i]];
    const position = toScreen(view, ...place);
    const right = Boolean(position) && position[0] + view.box.width / 2 >= scene.wipe * view.box.width;
    return describeValue(panel.scale, panelValue(panel, scene.frame, ...place, right));
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
