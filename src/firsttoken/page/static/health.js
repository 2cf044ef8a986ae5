// Lines that can be copied, where the browser lets a page do so.

const DONE_MS = 1500;

if (navigator.clipboard !== undefined) {
  for (const button of document.querySelectorAll(".copyable .copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
  button.textContent = "Copied";
  window.setTimeout(() => {
    button.textContent = "Copy";
  }, DONE_MS);
}
