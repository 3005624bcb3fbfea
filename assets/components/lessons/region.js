// The bar of a lesson as a landmark: Streamlit's containers have no role and no name.

/**
 * Names the bar for screen readers. Where its step has changed since, and the reader was in the bar or nowhere, the
 * focus goes to its beginning, so that Tab and a screen reader go on from there.
 *
 * @param {HTMLElement | null} bar
 * @param {string} label
 * @param {string} step
 */
export function becomeRegion(bar, label, step) {
  if (!bar) return;
  bar.setAttribute("role", "region");
  bar.setAttribute("aria-label", label);
  bar.tabIndex = -1;
  const before = bar.ownerDocument.defaultView.s2vLessonStep;
  bar.ownerDocument.defaultView.s2vLessonStep = step;
  const { activeElement, body } = bar.ownerDocument;
  if (before !== undefined && before !== step && (activeElement === body || bar.contains(activeElement))) {
    bar.focus({ preventScroll: true });
  }
}
