
// The only code that travels with every Streamlit message: it hands over to the component proper, which the
// browser fetches once under its content hash.
export default async function (component) {
  const address = new URL(component.data.module, document.baseURI);
  let module;
  for (const wait of [200, 400, 800, 1600, 3200, 0]) {
    try {
      module = await import(address);
      break;
    } catch (error) {
      if (!wait) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait)); // as for values: see fetchPatiently
    }
  }
  return module.default(component);
}
