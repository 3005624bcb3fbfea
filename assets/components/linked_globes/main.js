// The entry point of the component: Streamlit calls the default export with each message from Python.

import { LinkedGlobes } from "./globes.js";

const instances = new WeakMap(); // root element -> LinkedGlobes

export default function linkedGlobes({ parentElement, data, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".linked-globes");
  if (!instances.has(root)) instances.set(root, new LinkedGlobes(root));
  const globes = instances.get(root);
  globes.send = { setStateValue, setTriggerValue };
  globes.update(data);
  // Streamlit also calls this for an update that a newer one has replaced: destroy only what has left the page.
  return () => {
    if (root.isConnected) return;
    globes.destroy();
    instances.delete(root);
  };
}
