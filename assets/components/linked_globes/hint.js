// A word over the maps that fades away.

const SHOWN_MS = 1500;

export class Hint {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  show(text) {
    this.element.textContent = text;
    this.element.classList.add("shown");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), SHOWN_MS);
  }

  hide() {
    clearTimeout(this.timer);
    this.element.classList.remove("shown");
  }
}
