// How quickly pictures follow while the camera moves. Where they do not keep up, the maps are drawn coarsely until the
// camera rests.

const SLOW_MS = 50; // from asking for a picture to drawing it: fewer than 20 a second
const QUICK_MS = 22; // nearly as many as the screen shows
const REST_MS = 250;

class Pace {
  // ``rest`` is called when the camera has come to rest.
  constructor(rest) {
    this.rest = rest;
    this.moving = false;
    this.slow = false;
    this.usual = 0; // milliseconds that a picture was waited for lately
  }

  move() {
    this.moving = true;
    this.expectRest();
  }

  // After each picture: how long it was waited for.
  waited(milliseconds) {
    if (!this.moving) return; // what the page does when it loads says nothing about turning
    this.expectRest();
    this.usual += 0.15 * (milliseconds - this.usual);
    if (this.usual > SLOW_MS) this.slow = true;
    if (this.usual < QUICK_MS) this.slow = false;
  }

  expectRest() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.moving = false;
      this.rest();
    }, REST_MS);
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
