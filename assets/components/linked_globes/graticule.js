// The net of meridians and parallels.

import { Lines } from "./lines.js";
import { DEGREE } from "./sphere.js";

const STEPS = [30, 15, 10, 5, 2, 1]; // degrees
const MAX_GAP = 140; // pixels between two lines

const made = new Map(); // "meridian step, parallel step" -> Lines

/**
 * The graticule that suits a view's scale.
 *
 * @param {import("./view.js").View} view
 * @returns {Lines}
 */
export function graticule(view) {
  const pixels = view.kind === "world" ? view.unit : view.unit * DEGREE; // in a degree
  const polar = view.kind === "north" || view.kind === "south";
  const shrink = view.kind === "globe" ? view.cosLatitude : 1; // meridians are closer together away from the equator
  const [meridianStep, parallelStep] = [polar ? 30 : fittingStep(pixels * shrink), fittingStep(pixels)];
  const key = `${meridianStep}, ${parallelStep}`;
  if (!made.has(key)) made.set(key, graticuleLines(meridianStep, parallelStep));
  return made.get(key);
}

/** The largest step whose lines lie close enough together, for a degree of this many pixels. */
const fittingStep = (pixels) => STEPS.find((step) => step * pixels < MAX_GAP) ?? STEPS.at(-1);

/** Only the cardinal meridians reach the poles: a star of all of them would hide what is there. */
export function graticuleLines(meridianStep, parallelStep) {
  const meridians = range(-180, 180 - meridianStep, meridianStep).map((longitude) => {
    const top = longitude % 90 === 0 ? 90 : longitude % 30 === 0 ? 80 : 70;
    return range(-top, top, top / 45).map((latitude) => [longitude, latitude]);
  });
  const parallels = range(parallelStep - 90, 90 - parallelStep, parallelStep).map((latitude) =>
    range(-180, 180, 2).map((longitude) => [longitude, latitude]));
  return Lines.of([...meridians, ...parallels]);
}

const range = (low, high, step) =>
  Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => low + i * step);
