
// The only code that travels with every Streamlit message: it hands over to the component proper, which the
// browser fetches once under its content hash.
export default async function (component) {
  const module = await import(new URL(component.data.module, document.baseURI));
  return module.default(component);
}
