// Whether the server answers, as Streamlit's page has it. Where it does not, a notice says so in our words; the dialog
// that Streamlit opens instead, and that makes the page behind it inert, is closed.

const STATE = "data-test-connection-state"; // an attribute of Streamlit's app
const PATIENCE_MS = 1500; // a shorter break needs no words

export class Connection {
  /**
   * @param {Document} page
   * @param {Element} notice empty while the server answers
   */
  constructor(page, notice) {
    this.page = page;
    this.notice = notice;
    this.app = page.querySelector(`[${STATE}]`);
    this.words = { title: "", text: "" };
    this.timer = undefined;
    this.observer = new MutationObserver(() => this.look());
    this.observer.observe(this.app, { attributeFilter: [STATE] });
    this.dialogs = new MutationObserver((changes) => this.close(changes));
  }

  /** The state has changed. */
  look() {
    const isLost = this.app.getAttribute(STATE) !== "CONNECTED";
    if (isLost && this.timer === undefined) {
      this.timer = setTimeout(() => this.show(), PATIENCE_MS);
      this.dialogs.observe(this.page.body, { childList: true });
    } else if (!isLost) {
      this.end();
    }
  }

  show() {
    const [title, text] = ["strong", "span"].map((name) => this.page.createElement(name));
    title.textContent = this.words.title;
    text.textContent = this.words.text;
    this.notice.replaceChildren(title, text);
  }

  /** Closes what has just opened. */
  close(changes) {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        if (node.matches?.("[data-testid=stDialog]")) node.querySelector("[aria-label=Close]")?.click();
      }
    }
  }

  end() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dialogs.disconnect();
    this.notice.replaceChildren();
  }

  destroy() {
    this.end();
    this.observer.disconnect();
  }
}
