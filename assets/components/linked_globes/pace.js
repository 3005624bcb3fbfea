// Whether pictures keep up with a moving camera. Where they do not, the maps are drawn coarsely until it rests.

const SLOW_MS = 50; // fewer than 20 pictures a second
const QUICK_MS = 22; // nearly as many as the screen shows
const REST_MS = 250;
const WEIGHT = 0.15; // of the latest picture in the moving average

export class Pace {
  /** @param {() => void} onRest called when the camera has come to rest */
  constructor(onRest) {
    this.onRest = onRest;
    this.moving = false;
    this.slow = false;
    this.average = 0; // milliseconds from asking for a picture to drawing it
  }

  /** The camera moves. */
  move() {
    this.moving = true;
    this.waitForRest();
  }

  /** A picture was drawn, this many milliseconds after it was asked for. */
  drawn(milliseconds) {
    if (!this.moving) return; // how long a page takes to load says nothing about turning
    this.waitForRest();
    this.average += WEIGHT * (milliseconds - this.average);
    if (this.average > SLOW_MS) this.slow = true;
    if (this.average < QUICK_MS) this.slow = false;
  }

  waitForRest() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.moving = false;
      this.onRest();
    }, REST_MS);
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
