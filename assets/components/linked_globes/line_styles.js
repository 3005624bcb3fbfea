// The lines and points over the maps: which there are, and in which colours.

import { graticule } from "./graticule.js";

export const DOT_OPACITY = 0.9;
export const HALO_OPACITY = 0.65;

/** Black around light lines, white around dark ones. */
export const haloOf = (scale) => (scale.lines[0] > 128 ? [0, 0, 0] : [255, 255, 255]);

/** The dots over a panel: those of all panels, and its own. */
export const dotsOver = (scene, panel) => [scene.points, panel.points].filter(Boolean);

export const css = (color, opacity) => `rgba(${color},${opacity})`;

/**
 * The lines over a panel, lowest first.
 *
 * @returns {{ lines: import("./lines.js").Lines, color: number[], opacity: number, width: number }[]} width in pixels
 */
export function linesOver(scene, panel, view) {
  const color = panel.scale.lines;
  return [
    scene.graticule && { lines: graticule(view), color, opacity: 0.28, width: 0.75 },
    scene.coastlines && { lines: scene.coastlines, color, opacity: 0.9, width: 1 },
    scene.ringLines && { lines: scene.ringLines, color: haloOf(panel.scale), opacity: HALO_OPACITY, width: 3 },
    scene.ringLines && { lines: scene.ringLines, color, opacity: 0.95, width: 1.25 },
  ].filter(Boolean);
}
