// The colours and the font of the page around the maps, light or dark.

/**
 * @typedef {{ text: string, faint: string, border: string, background: string, accent: string, font: string }} Theme
 */

/**
 * @param {Element} element
 * @returns {Theme}
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(`--st-${name}`).trim() || fallback;
  return {
    text: style.color,
    faint: `color-mix(in srgb, ${style.color} 78%, transparent)`,
    border: `color-mix(in srgb, ${style.color} 35%, transparent)`,
    background: read("background-color", "#ffffff"),
    accent: read("primary-color", "#ff4b4b"),
    font: style.fontFamily,
  };
}
