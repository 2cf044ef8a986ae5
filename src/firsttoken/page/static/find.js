// The form over the list: it is sent as soon as something is chosen.

import { onKeys } from "./keys.js";
import "./suggest.js";

const form = document.getElementById("find");
const more = document.getElementById("more");
const field = (name) => form.elements[name];

export function startFind() {
  for (const name of ["first", "failed"]) {
    field(name).addEventListener("change", () => form.requestSubmit());
  }
  field("range").addEventListener("change", () => chooseRange());
  for (const name of ["from", "to"]) {
    field(name).addEventListener("input", () => (field("range").value = "between"));
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeMore());
  document.addEventListener("pointerdown", (event) => more.contains(event.target) || (more.open = false));
  onKeys("/", "Search", focusSearch);
  onKeys("f", "Filter and group", openMore);
}

function focusSearch() {
  field("search").focus();
  field("search").select();
}

function openMore() {
  more.open = true;
  field("name").focus();
}

function closeMore() {
  if (more.open) {
    more.open = false;
    more.querySelector("summary").focus();
  }
}

function chooseRange() {
  if (field("range").value === "between") {
    more.open = true;
    field("from").focus();
    return;
  }
  field("from").value = "";
  field("to").value = "";
  form.requestSubmit();
}
