// What the data have, for fields that say so: `data-offers="names"`, those of attributes; `data-offers="values of X"`,
// what calls say under the name in the field X of the same form. It goes into the list that the field names.

document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.("input[data-offers]")) {
    offer(target, target.dataset.offers);
  }
});

async function offer(field, offers) {
  const of = offers.startsWith("values of ") ? field.form.elements[offers.slice(10)].value.trim() : null;
  if (field.dataset.offered === `${of}`) {
    return;
  }
  field.dataset.offered = `${of}`;
  fill(field.getAttribute("list"), of === "" ? [] : await suggested(of === null ? "" : `?${new URLSearchParams({ name: of })}`));
}

// What cannot be offered can still be typed.
async function suggested(query) {
  try {
    const answer = await fetch(`/suggest${query}`);
    return answer.ok ? await answer.json() : [];
  } catch {
    return [];
  }
}

function fill(id, words) {
  const options = words.map((word) => {
    const option = document.createElement("option");
    option.value = word;
    return option;
  });
  document.getElementById(id).replaceChildren(...options);
}
