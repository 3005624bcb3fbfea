// The HTML elements of the panels, over the canvases: title, value, the surface that the pointer touches, the cursor
// and the divider of a wipe.

import { TITLE_HEIGHT } from "./layout.js";
import { describePanel } from "./text.js";
import { isInBox, toScreen } from "./view.js";

const PANEL_HTML = `<div class="head"><span class="title"></span><span class="value"></span></div>
  <div class="surface" role="img"><div class="cursor" hidden></div><div class="divider" hidden></div></div>`;

/**
 * Gives a list one element per panel.
 *
 * @param {Element} list
 * @param {import("./scene.js").Panel[]} panels
 * @param {(surface: Element, index: number) => void} onCreate
 */
export function fitPanels(list, panels, onCreate) {
  while (list.children.length > panels.length) list.lastChild.remove();
  while (list.children.length < panels.length) {
    const element = document.createElement("div");
    element.className = "panel";
    element.innerHTML = PANEL_HTML;
    list.append(element);
    onCreate(element.querySelector(".surface"), list.children.length - 1);
  }
  panels.forEach((panel, i) => {
    const element = list.children[i];
    const title = element.querySelector(".title");
    title.textContent = title.title = panel.title;
    element.querySelector(".surface").setAttribute("aria-label", describePanel(panel));
    element.querySelector(".divider").hidden = panel.mode !== "wipe";
  });
}

/** @param {import("./view.js").Box[]} boxes */
export function placePanels(list, boxes) {
  boxes.forEach((box, i) => {
    const element = list.children[i];
    Object.assign(element.style, { left: `${box.x}px`, top: `${box.y - TITLE_HEIGHT}px`, width: `${box.width}px` });
    element.querySelector(".surface").style.height = `${box.height}px`;
  });
}

/** @param {number} share of the width to the left of the divider */
export function placeDividers(list, share) {
  for (const divider of list.querySelectorAll(".divider")) divider.style.left = `${100 * share}%`;
}

/**
 * Shows a panel's value at a place, and the cursor there if the panel shows the place; no place shows nothing.
 *
 * @param {Element} element
 * @param {import("./view.js").View} view
 * @param {[number, number] | null} place
 * @param {string} value
 */
export function showPlace(element, view, place, value) {
  const position = place && toScreen(view, ...place);
  const cursor = element.querySelector(".cursor");
  cursor.hidden = !position || !isInBox(view, position);
  if (!cursor.hidden) cursor.style.transform = `translate(${position[0]}px, ${-position[1]}px)`;
  element.querySelector(".value").textContent = value;
}
