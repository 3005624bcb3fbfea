// The slider under the maps: it moves the probe along its path and switches the frames, all in the browser.

const WALK_STEP_MS = 150;

class Walk {
  constructor(globes, root) {
    this.globes = globes;
    this.bar = root.querySelector(".walk");
    this.slider = root.querySelector(".walk-slider");
    this.label = root.querySelector(".walk-place");
    this.button = root.querySelector(".walk-play");
    this.slider.addEventListener("input", () => this.goTo(+this.slider.value));
    this.slider.addEventListener("change", () => this.report());
    this.button.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
  }

  // Fits the slider to a new scene.
  fit({ walk, frame }) {
    this.bar.hidden = !walk;
    if (!walk) {
      clearInterval(this.playing);
      return;
    }
    this.slider.max = walk.length - 1;
    this.goTo(frame);
  }

  goTo(frame) {
    const { walk } = this.globes.scene;
    this.globes.showFrame(frame);
    this.slider.value = this.globes.scene.frame;
    const place = formatPlace(walk[this.globes.scene.frame]);
    this.label.textContent = place;
    this.slider.setAttribute("aria-valuetext", place);
  }

  play() {
    const last = this.globes.scene.walk.length - 1;
    if (this.globes.scene.frame >= last) this.goTo(0);
    this.name("⏸", "Pause the walk");
    this.playing = setInterval(() => {
      this.goTo(this.globes.scene.frame + 1);
      if (this.globes.scene.frame >= last) this.pause();
    }, WALK_STEP_MS);
  }

  pause() {
    clearInterval(this.playing);
    this.playing = 0;
    this.name("▶", "Play the walk");
    this.report();
  }

  name(sign, words) {
    this.button.textContent = sign;
    this.button.setAttribute("aria-label", words);
  }

  report() {
    this.globes.send.setStateValue("frame", this.globes.scene.frame);
  }

  destroy() {
    clearInterval(this.playing);
  }
}
