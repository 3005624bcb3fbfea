// The entry point of the component: buttons that save the chart above them as a picture.

import { chartNear, save } from "./picture.js";

const names = new WeakMap(); // buttons -> the file's name

export default function chartPictures({ parentElement, data }) {
  const buttons = parentElement.querySelector(".pictures");
  if (!names.has(buttons)) {
    buttons.addEventListener("click", ({ target }) => {
      const { format } = target.dataset;
      const chart = chartNear(parentElement.host ?? parentElement);
      if (format && chart) save(chart, format, names.get(buttons));
    });
  }
  names.set(buttons, data.name);
  for (const button of buttons.children) button.title = `Save this chart as ${data.name}.${button.dataset.format}`;
}
