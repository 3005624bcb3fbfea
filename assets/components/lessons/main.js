// The entry point of the component: the names of finished lessons, and the landmark that it stands in.

import { finishedLessons, markFinished } from "./finished.js";
import { becomeRegion } from "./region.js";

const told = new WeakMap(); // element -> what was last reported

export default function lessons({ parentElement, data, setStateValue }) {
  const element = parentElement.querySelector(".lessons");
  const names = data.mark ? markFinished(window, data.mark) : finishedLessons(window);
  const text = names.join(" ");
  if (told.get(element) !== text) {
    told.set(element, text);
    setStateValue("finished", names);
  }
  if (data.label) becomeRegion(document.querySelector(".st-key-lesson_bar"), data.label, data.step);
}
