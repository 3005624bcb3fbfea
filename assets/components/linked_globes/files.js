// The files that hold values and lines.

const WAITS_MS = [200, 400, 800, 1600, 3200, 3200, 3200]; // between attempts; a page is drawn again after 10 s at most

/**
 * A file's content. The server drops a page's files when a run of the page is cut short, perhaps before the browser has
 * asked for them; the next run brings them back.
 *
 * @param {string} address
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetchWithRetry(address) {
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(address);
    if (response.ok) return response.arrayBuffer();
    if (attempt === WAITS_MS.length) throw new Error(`${address}: ${response.status}`);
    await new Promise((resolve) => setTimeout(resolve, WAITS_MS[attempt]));
  }
}

/** What was made of the files in use. An address names its content, so no file is ever fetched twice. */
export class FileCache {
  constructor() {
    this.entries = new Map(); // name -> promise
  }

  /**
   * @template T
   * @param {string} address
   * @param {(buffer: ArrayBuffer) => T} make
   * @param {string} name tells apart what different calls make of the same file
   * @returns {Promise<T>}
   */
  get(address, make, name = address) {
    if (!this.entries.has(name)) {
      const entry = fetchWithRetry(address).then(make);
      entry.catch(() => this.entries.delete(name)); // so that the next update tries again
      this.entries.set(name, entry);
    }
    return this.entries.get(name);
  }

  /** @param {Set<string>} names */
  keepOnly(names) {
    for (const name of this.entries.keys()) if (!names.has(name)) this.entries.delete(name);
  }
}
