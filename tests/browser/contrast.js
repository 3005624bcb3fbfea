// Texts that stand out too little: {text, ratio, size} of every visible text whose contrast is below the limit.
// As WCAG 2 defines it; disabled controls are exempt there, too.  The value of a slider stands above its own background.
(limit) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  const parent = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const chain = (node) => (node ? [node, ...chain(parent(node))] : []);
  const backdrop = (element) =>
    chain(element).reverse().reduce((under, each) => over(rgba(getComputedStyle(each).backgroundColor), under), [255, 255, 255]);
  const luminance = (color) => {
    const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) look(element.shadowRoot);
      const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join("");
      const above = chain(element);
      const style = getComputedStyle(element);
      if (!/[\p{L}\p{N}]/u.test(text) || above.some((e) => e.dataset?.testid === "stSlider") || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      if (["SCRIPT", "STYLE"].includes(element.tagName) || style.fontFamily.includes("Material")) continue;
      if (above.some((e) => e.disabled || e.getAttribute("aria-disabled") === "true" || e.getAttribute("aria-hidden") === "true")) continue;
      if (!element.getClientRects().length || style.clip === "rect(0px, 0px, 0px, 0px)") continue;
      const svg = element instanceof SVGElement;
      const ink = rgba(svg ? style.fill : style.color);
      const opacity = above.reduce((product, e) => product * Number(getComputedStyle(e).opacity), svg ? Number(style.fillOpacity) : 1);
      if (opacity < 0.05) continue; // not there
      const under = backdrop(element);
      const [high, low] = [luminance(over([...ink.slice(0, 3), ink[3] * opacity], under)), luminance(under)].sort((a, b) => b - a);
      const ratio = (high + 0.05) / (low + 0.05);
      if (ratio < limit) found.push({ text: text.slice(0, 60), ratio: Math.round(ratio * 100) / 100, tag: element.tagName, test: above.map((e) => e.dataset?.testid).find(Boolean) ?? "" });
    }
  };
  look(document.body);
  return found;
}
