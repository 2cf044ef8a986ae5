// The list of traces by keyboard: its links, one after the other.

import { onKeys } from "./keys.js";

const links = Array.from(document.querySelectorAll(".traces tbody a"));

function step(by) {
  const place = links.indexOf(document.activeElement);
  links[place === -1 ? 0 : Math.min(Math.max(place + by, 0), links.length - 1)].focus();
}

if (links.length > 0) {
  onKeys("j", "Next trace", () => step(1));
  onKeys("k", "Trace before", () => step(-1));
}

for (const [key, meaning, rel] of [["n", "Newest traces", "first"], ["o", "Earlier traces", "next"]]) {
  const link = document.querySelector(`.pages a[rel="${rel}"]`);
  if (link !== null) {
    onKeys(key, meaning, () => link.click());
  }
}
