// The entry point of the component: Streamlit calls the default export with each message from Python.

import { Slider } from "./slider.js";

const instances = new WeakMap(); // root element -> Slider

export default function liveSlider({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".slider");
  if (!instances.has(root)) instances.set(root, new Slider(root));
  const slider = instances.get(root);
  slider.setStateValue = setStateValue;
  slider.update(data);
  return () => {
    if (root.isConnected) return;
    slider.destroy();
    instances.delete(root);
  };
}
