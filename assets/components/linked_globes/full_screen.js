// The maps over the whole screen, or over the whole page where the browser refuses a screen, as in most iframes.

const MARGIN = 32; // pixels above, below and between the maps and what is under them

export class FullScreen {
  /**
   * @param {HTMLElement} root
   * @param {() => void} onChange
   */
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    this.button = root.querySelector(".full");
    this.on = false;
    this.leaveWithEscape = (event) => event.key === "Escape" && this.leave();
    root.addEventListener("fullscreenchange", () => this.show(root.matches(":fullscreen")));
  }

  async toggle() {
    if (this.on) {
      this.leave();
      return;
    }
    try {
      await this.root.requestFullscreen();
    } catch {
      this.root.popover = "manual"; // a popover lies above everything else on the page
      this.root.showPopover();
      document.addEventListener("keydown", this.leaveWithEscape);
      this.show(true);
    }
  }

  leave() {
    document.removeEventListener("keydown", this.leaveWithEscape);
    if (this.root.popover) {
      this.root.hidePopover();
      this.root.popover = null;
      this.show(false);
    } else document.exitFullscreen();
  }

  show(on) {
    this.on = on;
    this.root.classList.toggle("fills", on);
    this.button.textContent = on ? "Leave full screen" : "Full screen";
    this.onChange();
  }

  /** Pixels that there are for the maps and their colour bars. */
  get height() {
    const others = [...this.root.querySelectorAll(".note, .walk, .tools")];
    return innerHeight - MARGIN - others.reduce((sum, { offsetHeight }) => sum + offsetHeight, 0);
  }

  destroy() {
    document.removeEventListener("keydown", this.leaveWithEscape);
  }
}
