// The navigation where it is wider than its room: the entry of this page is in view, and a side with more of them fades.

const places = document.querySelector(".places");
const here = places.querySelector("[aria-current]");

if (here !== null) {
  places.scrollLeft = here.offsetLeft - (places.clientWidth - here.offsetWidth) / 2;
}
places.addEventListener("scroll", tellMore, { passive: true });
new ResizeObserver(tellMore).observe(places);

function tellMore() {
  const rest = places.scrollWidth - places.clientWidth - places.scrollLeft;
  places.classList.toggle("more-before", places.scrollLeft > 1);
  places.classList.toggle("more-after", rest > 1);
}
