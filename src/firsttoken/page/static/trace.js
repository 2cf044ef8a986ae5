// The tree of a trace: branches fold, and the keyboard goes through it as through any treegrid.

import { onKeys } from "./keys.js";

const tree = document.getElementById("tree");
const rows = Array.from(tree.tBodies[0].rows);
const level = (row) => Number(row.dataset.level);
const foldAll = document.getElementById("fold");

// Each row knows its parent; the rows below it follow at once.
const parents = new Map();
const above = [];
rows.forEach((row, place) => {
  above.length = level(row);
  parents.set(row, above.at(-1) ?? null);
  above.push(row);
  const next = rows[place + 1];
  if (next !== undefined && level(next) > level(row)) {
    addFold(row);
  }
  row.tabIndex = place === 0 ? 0 : -1;
  for (const link of row.querySelectorAll("a")) {
    link.tabIndex = -1;
  }
});

function addFold(row) {
  row.setAttribute("aria-expanded", "true");
  const fold = document.createElement("span");
  fold.className = "t-fold";
  fold.setAttribute("aria-hidden", "true");
  row.querySelector(".t-name").prepend(fold);
}

function isOpen(row) {
  return row.getAttribute("aria-expanded") === "true";
}

function setOpen(row, open) {
  row.setAttribute("aria-expanded", String(open));
  showBelow(row);
}

// A row is seen where all rows above it are open.
function showBelow(row) {
  for (let place = rows.indexOf(row) + 1; place < rows.length && level(rows[place]) > level(row); place += 1) {
    const parent = parents.get(rows[place]);
    rows[place].hidden = parent.hidden || !isOpen(parent);
  }
}

function focus(row) {
  if (row === null || row === undefined) {
    return false;
  }
  tree.querySelector('tr[tabindex="0"]').tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function seen(from, step) {
  let place = rows.indexOf(from) + step;
  while (rows[place]?.hidden) {
    place += step;
  }
  return rows[place];
}

const KEYS = {
  ArrowDown: (row) => focus(seen(row, 1)),
  ArrowUp: (row) => focus(seen(row, -1)),
  Home: () => focus(rows[0]),
  End: () => focus(rows.findLast((row) => !row.hidden)),
  ArrowRight(row) {
    if (!row.hasAttribute("aria-expanded")) {
      return;
    }
    if (isOpen(row)) {
      focus(seen(row, 1));
    } else {
      setOpen(row, true);
    }
  },
  ArrowLeft(row) {
    if (row.hasAttribute("aria-expanded") && isOpen(row)) {
      setOpen(row, false);
    } else {
      focus(parents.get(row));
    }
  },
  Enter: (row) => row.querySelector("a").click(),
};

tree.addEventListener("keydown", (event) => {
  const row = event.target.closest("tbody tr");
  if (row === event.target && event.key in KEYS && !(event.ctrlKey || event.metaKey || event.altKey)) {
    KEYS[event.key](row);
    event.preventDefault();
  }
});

tree.addEventListener("click", (event) => {
  const row = event.target.closest("tbody tr");
  if (event.target.closest(".t-fold") !== null) {
    setOpen(row, !isOpen(row));
  }
  if (row !== null && event.target.closest("a") === null) {
    focus(row);
  }
});

function current() {
  return tree.querySelector('tr[tabindex="0"]');
}

function move(step) {
  focus(document.activeElement === current() ? seen(current(), step) : current());
}

onKeys("j", "Next span", () => move(1));
onKeys("k", "Span before", () => move(-1));
onKeys("b", "The branch of the span alone", () => current().querySelector(".t-zoom, .t-more")?.click());

const branches = rows.filter((row) => row.hasAttribute("aria-expanded"));
foldAll.hidden = branches.length < 2;
foldAll.addEventListener("click", () => {
  const open = !branches.some((row) => parents.get(row) !== null && isOpen(row));
  for (const row of branches) {
    row.setAttribute("aria-expanded", String(open || parents.get(row) === null));
  }
  for (const row of rows) {
    const parent = parents.get(row);
    row.hidden = parent !== null && (parent.hidden || !isOpen(parent));
  }
  foldAll.textContent = open ? "Fold all" : "Unfold all";
});
