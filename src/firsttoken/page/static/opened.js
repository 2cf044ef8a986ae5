// The row that somebody opened, and the list that it stood in: for the way back by key, which is no step of the history.

const NAME = "firsttoken.opened";

export function rememberOpened(row) {
  try {
    const list = `${window.location.pathname}${window.location.search}`;
    window.sessionStorage.setItem(NAME, JSON.stringify({ row, list }));
  } catch {
    // Who lets no site keep anything finds the row by its place.
  }
}

// The address of that list; null for a row that was not opened from one in this tab.
export function listOf(row) {
  try {
    const opened = JSON.parse(window.sessionStorage.getItem(NAME));
    return opened?.row === row ? opened.list : null;
  } catch {
    return null;
  }
}
