// When the values of a moved slider are sent: not too often, and a new one only after the last has been drawn. The one at
// which the slider is let go does not wait for that.

export const INTERVAL_MS = 200; // between two values
const PATIENCE_MS = 30_000; // for a drawing that never comes; a new value would cut short one that is slow

export class Flow {
  /**
   * @param {(value: number) => void} send
   * @param {() => number} now in milliseconds
   */
  constructor(send, now = () => performance.now()) {
    this.send = send;
    this.now = now;
    this.next = undefined; // the newest value, not sent yet
    this.isDrawing = false; // whether a value was sent and its drawing has not come yet
    this.sent = -INTERVAL_MS;
  }

  get isIdle() {
    return this.next === undefined && !this.isDrawing;
  }

  /** The slider was moved. */
  push(value) {
    this.next = value;
    this.go();
  }

  /** What was sent last has been drawn. */
  drawn() {
    clearTimeout(this.patience);
    this.isDrawing = false;
    this.go();
  }

  /** The slider was let go. */
  release() {
    if (this.next !== undefined) this.drawn();
  }

  go() {
    clearTimeout(this.timer);
    if (this.next === undefined || this.isDrawing) return;
    const wait = this.sent + INTERVAL_MS - this.now();
    if (wait > 0) {
      this.timer = setTimeout(() => this.go(), wait);
      return;
    }
    const value = this.next;
    this.next = undefined;
    this.isDrawing = true;
    this.sent = this.now();
    this.patience = setTimeout(() => this.drawn(), PATIENCE_MS);
    this.send(value);
  }

  destroy() {
    clearTimeout(this.timer);
    clearTimeout(this.patience);
  }
}
