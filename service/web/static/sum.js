// Shows what a journey pays while its miles are typed. The server works it out by the council's rules; nothing is
// worked out here. Without this script the next page but one says the same.
const place = document.querySelector("[data-sum-at]");
const field = place && document.getElementById(place.dataset.sumFor);
let waiting, asked = 0;

function show(found) {
  const words = found.sum ? [`By our rules you would get ${found.sum}.`, ...found.why] : [];
  place.replaceChildren(...words.map((text) => {
    const line = document.createElement("p");
    line.className = "govuk-body";
    line.textContent = text;
    return line;
  }));
  place.hidden = !words.length;
}

async function ask() {
  const mine = ++asked;
  const address = new URL(place.dataset.sumAt, location.href);
  address.searchParams.set(field.name, field.value);
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    const found = answer.ok ? await answer.json() : { sum: "", why: [] };
    if (mine === asked) show(found);
  } catch {
    if (mine === asked) show({ sum: "", why: [] });
  }
}

if (field) {
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 250);
  });
  if (field.value) ask();
}
