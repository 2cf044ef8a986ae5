// The keyboard of every view. A view registers what its keys do, and they are told in the dialog that `?` opens.
// A key is never taken from a field, nor together with a modifier.

const SEQUENCE_MS = 1200;
const FIELDS = "input, select, textarea, [contenteditable]";
const bindings = new Map();
let begun = "";
let begunAt = 0;

// `keys` is one key as the browser names it, or two with a space between them, one after the other. `group` is the
// heading that it stands under in the help.
export function onKeys(keys, meaning, action, group = "This view") {
  bindings.set(keys, { meaning, action, group });
}

export function goTo(address) {
  window.location.assign(address);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
    return;
  }
  if (event.key === "Escape" && event.target.matches(FIELDS)) {
    event.target.blur();
    return;
  }
  if (event.target.closest(FIELDS) !== null || document.querySelector("dialog[open]") !== null) {
    return;
  }
  const binding = bindings.get(pressed(event.key)) ?? bindings.get(event.key);
  if (binding !== undefined) {
    begun = "";
    if (binding.action(event) !== false) {
      event.preventDefault();
    }
  }
});

// One key, or the second of two.
function pressed(key) {
  const now = performance.now();
  const both = begun !== "" && now - begunAt < SEQUENCE_MS ? `${begun} ${key}` : key;
  begun = key;
  begunAt = now;
  return both;
}

function showHelp() {
  const dialog = document.getElementById("keys");
  const list = dialog.querySelector(".keys");
  list.replaceChildren(...[...groups()].flatMap(([name, entries]) => [heading(name), ...entries.flatMap(lines)]));
  dialog.showModal();
}

function groups() {
  const found = new Map();
  for (const [keys, { meaning, group }] of bindings) {
    found.set(group, [...(found.get(group) ?? []), { keys, meaning }]);
  }
  return found;
}

function heading(text) {
  const element = document.createElement("dt");
  element.className = "keys-heading";
  element.textContent = text;
  return element;
}

const NAMES = { ArrowDown: "↓", ArrowUp: "↑", Enter: "Enter", " ": "Space", Escape: "Esc" };

function lines({ keys, meaning }) {
  const term = document.createElement("dt");
  for (const key of keys.split(" ")) {
    const cap = document.createElement("kbd");
    cap.textContent = NAMES[key] ?? key;
    term.append(cap, " ");
  }
  const description = document.createElement("dd");
  description.textContent = meaning;
  return [term, description];
}

onKeys("?", "Show these keys", showHelp, "Everywhere");
for (const link of document.querySelectorAll(".places a[data-key]")) {
  onKeys(`g ${link.dataset.key}`, `Go to ${link.textContent}`, () => goTo(link.href), "Everywhere");
}
const search = document.querySelector(".narrow [type=search]");
if (search !== null) {
  onKeys("/", "Search", () => {
    search.focus();
    search.select();
  });
}
document.getElementById("show-keys").addEventListener("click", showHelp);
