// Which lessons this browser has finished: names in localStorage, nowhere else.

const KEY = "sphere2vec-lab.lessons";
const MAX_LESSONS = 100;

/** The names that the storage of `page` holds; none where it is closed, or holds something else. */
export function finishedLessons(page) {
  try {
    const names = JSON.parse(page.localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string").slice(0, MAX_LESSONS) : [];
  } catch {
    return [];
  }
}

/** Adds a name, and returns all. */
export function markFinished(page, name) {
  const names = [...new Set([...finishedLessons(page), name])].toSorted();
  try {
    page.localStorage.setItem(KEY, JSON.stringify(names));
  } catch {
    // A browser may refuse, or have closed it, so that even its name raises: the lesson counts as finished on this page alone.
  }
  return names;
}
