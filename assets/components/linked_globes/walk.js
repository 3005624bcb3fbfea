// The slider under the maps: it moves the probe along its path and switches the frames, all in the browser.

import { formatPlace } from "./text.js";

const STEP_MS = 150; // while it plays

export class Walk {
  /**
   * @param {import("./globes.js").LinkedGlobes} globes
   * @param {Element} root
   */
  constructor(globes, root) {
    this.globes = globes;
    this.bar = root.querySelector(".walk");
    this.slider = root.querySelector(".walk-slider");
    this.label = root.querySelector(".walk-place");
    this.button = root.querySelector(".walk-play");
    this.timer = 0; // while it plays
    this.slider.addEventListener("input", () => this.goTo(+this.slider.value));
    this.slider.addEventListener("change", () => this.globes.reportFrame());
    this.button.addEventListener("click", () => (this.timer ? this.pause() : this.play()));
  }

  /** Fits the slider to a new scene. */
  fit({ walk, frame }) {
    this.bar.hidden = !walk;
    if (!walk) {
      this.stop();
      return;
    }
    this.slider.max = walk.length - 1;
    this.goTo(frame);
  }

  goTo(frame) {
    this.globes.showFrame(frame);
    const { scene } = this.globes;
    const place = formatPlace(scene.walk[scene.frame]);
    this.slider.value = scene.frame;
    this.label.textContent = place;
    this.slider.setAttribute("aria-valuetext", place);
  }

  play() {
    if (this.isAtEnd()) this.goTo(0);
    this.labelButton("⏸", "Pause the walk");
    this.timer = setInterval(() => {
      this.goTo(this.globes.scene.frame + 1);
      if (this.isAtEnd()) this.pause();
    }, STEP_MS);
  }

  pause() {
    this.stop();
    this.globes.reportFrame();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.labelButton("▶", "Play the walk");
  }

  isAtEnd() {
    const { walk, frame } = this.globes.scene;
    return frame >= walk.length - 1;
  }

  labelButton(symbol, words) {
    this.button.textContent = symbol;
    this.button.setAttribute("aria-label", words);
  }
}
