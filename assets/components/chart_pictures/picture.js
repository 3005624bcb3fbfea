// A chart as a file. Streamlit keeps plotly to itself: the way in is the camera in the chart's toolbar, which the page
// hides. It copies the chart's layout before its handler returns.

const SCALE = 3; // pixels of a PNG in a CSS pixel
// For a document, whatever the page's theme. The page's own font is not in a file: letters of another one, wider than
// plotly had measured, would be cut off.
const PAPER = { background: "#ffffff", text: "#262730", family: "Arial, Helvetica, sans-serif" };

/** The chart beside an element: that of the nearest element around it that has one. */
export function chartNear(element) {
  for (let around = element; around; around = around.parentElement) {
    const chart = around.querySelector(".js-plotly-plot");
    if (chart) return chart;
  }
  return null;
}

/**
 * Offers a chart as a file to download, as it is seen, but on white.
 *
 * @param {HTMLElement & { layout: object, _context: object }} chart plotly's element
 * @param {"svg" | "png"} format
 * @param {string} name of the file
 */
export function save(chart, format, name) {
  const { layout } = chart;
  chart._context.toImageButtonOptions = { format, filename: name, scale: format === "png" ? SCALE : 1 };
  chart.layout = onPaper(layout);
  try {
    chart.querySelector(".modebar-btn").click();
  } finally {
    chart.layout = layout;
  }
}

/** A layout without the page's theme, which is plotly's template. */
export function onPaper(layout) {
  return {
    ...layout,
    template: {},
    paper_bgcolor: PAPER.background,
    plot_bgcolor: PAPER.background,
    font: { ...layout.font, family: PAPER.family, color: PAPER.text },
  };
}
