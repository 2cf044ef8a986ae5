// Charts as PNG files, drawn as they are seen: with the colours of the page, its title above.

import { chartIn } from "./chart.js";

const SCALE = 2;
const MARGIN = 16 * SCALE;
const TITLE = 15 * SCALE;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-picture-of]");
  if (button !== null) {
    save(button);
  }
});

async function save(button) {
  const element = document.getElementById(button.dataset.pictureOf);
  const drawn = await chartIn(element)?.canvas(SCALE);
  if (drawn) {
    framed(drawn, button.dataset.title).toBlob((picture) => download(picture, `firsttoken-${button.dataset.pictureOf}.png`));
  }
  button.closest("details").open = false;
}

function framed(drawn, title) {
  const style = window.getComputedStyle(document.documentElement);
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width + 2 * MARGIN;
  canvas.height = drawn.height + 3 * MARGIN + TITLE;
  const pen = canvas.getContext("2d");
  pen.fillStyle = style.getPropertyValue("--panel").trim();
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style.getPropertyValue("--text").trim();
  pen.font = `600 ${TITLE}px ${window.getComputedStyle(document.body).fontFamily}`;
  pen.fillText(title, MARGIN, MARGIN + TITLE);
  pen.drawImage(drawn, MARGIN, 2 * MARGIN + TITLE);
  return canvas;
}

function download(picture, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
