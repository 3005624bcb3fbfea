// Which lessons this browser has finished: names in localStorage, nowhere else.

const KEY = "sphere2vec-lab.lessons";
const MAX_LESSONS = 100;

/** The names, sorted; none where the storage is closed or holds something else. */
export function finishedLessons(storage) {
  try {
    const names = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string").slice(0, MAX_LESSONS) : [];
  } catch {
    return [];
  }
}

/** Adds a name, and returns all. */
export function markFinished(storage, name) {
  const names = [...new Set([...finishedLessons(storage), name])].toSorted();
  try {
    storage.setItem(KEY, JSON.stringify(names));
  } catch {
    // A private window may refuse: the lesson counts as finished on this page alone.
  }
  return names;
}
