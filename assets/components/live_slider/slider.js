// A slider that tells its value while it is moved, drawn like Streamlit's, which tells it when it is let go.

import { Flow } from "./flow.js";

const DRAWN = "--s2v-drawn"; // a property of the page: the number of the value that it shows
const LOOK_MS = 50; // between two looks at it
const THUMB = 12; // pixels

export class Slider {
  /** @param {Element} root */
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input");
    this.flow = new Flow((value) => this.report(value));
    this.held = false;
    this.number = 0; // of the value that was sent last
    this.input.addEventListener("input", () => this.move());
    this.input.addEventListener("pointerdown", () => (this.held = true));
    for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) {
      this.input.addEventListener(end, () => {
        this.held = false;
        this.flow.release();
        this.settle();
      });
    }
  }

  /** Python's view of the slider: values and their texts, and which of them is chosen. */
  update(data) {
    this.data = data;
    this.settle();
  }

  /** Takes Python's view, unless the reader's own is newer. */
  settle() {
    if (this.shown && (this.held || !this.flow.isIdle)) return;
    const { title, help, stops, position } = (this.shown = this.data);
    this.root.querySelector(".title").textContent = title;
    const mark = this.root.querySelector(".help");
    mark.hidden = !help;
    mark.title = help;
    mark.setAttribute("aria-label", help);
    this.input.max = stops.length - 1;
    this.input.value = position;
    this.input.setAttribute("aria-label", title);
    this.draw();
  }

  move() {
    this.draw();
    this.flow.push(this.shown.stops[Number(this.input.value)]);
  }

  draw() {
    const { stops, texts } = this.shown;
    const position = Number(this.input.value);
    const part = stops.length > 1 ? position / (stops.length - 1) : 0;
    const value = this.root.querySelector(".value");
    value.textContent = texts[position];
    const at = `calc(${part * 100}% + ${(0.5 - part) * THUMB}px)`;
    value.style.left = `clamp(${value.offsetWidth / 2}px, ${at}, 100% - ${value.offsetWidth / 2}px)`;
    this.input.style.setProperty("--part", at);
    this.input.setAttribute("aria-valuetext", texts[position]);
  }

  report(value) {
    this.number = Math.max(this.number + 1, Date.now());
    this.setStateValue("moved", { value, number: this.number });
    clearInterval(this.watch);
    this.watch = setInterval(() => this.look(), LOOK_MS);
  }

  look() {
    const drawn = Number(getComputedStyle(this.root).getPropertyValue(DRAWN));
    if (drawn < this.number && this.flow.isDrawing) return;
    clearInterval(this.watch);
    this.flow.drawn();
    this.settle();
  }

  destroy() {
    clearInterval(this.watch);
    this.flow.destroy();
  }
}
