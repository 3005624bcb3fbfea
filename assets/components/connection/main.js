// The entry point of the component: a notice while the server does not answer.

import { Connection } from "./connection.js";

const instances = new WeakMap(); // notice -> Connection

export default function connection({ parentElement, data }) {
  const notice = parentElement.querySelector(".notice");
  if (!instances.has(notice)) instances.set(notice, new Connection(document, notice));
  instances.get(notice).words = data;
  return () => {
    if (notice.isConnected) return;
    instances.get(notice)?.destroy();
    instances.delete(notice);
  };
}
