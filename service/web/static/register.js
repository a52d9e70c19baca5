// A phone may lose its signal in the middle of a session. Ticks that could not be saved are kept in this tab
// and put back, so that nobody has to tick twice. Without this script the page still works.
const form = document.querySelector("[data-register]");
const key = form && `register-${form.dataset.register}`;

function typed() {
  return [...new FormData(form)].filter(([name]) => name === "came" || name.startsWith("minutes-"));
}

function putBack(kept) {
  const came = new Set(kept.filter(([name]) => name === "came").map(([, value]) => value));
  for (const box of form.querySelectorAll("input[name=came]")) box.checked = came.has(box.value);
  for (const [name, value] of kept.filter(([name]) => name !== "came")) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
}

function say(words) {
  let notice = form.querySelector(".rcp-signal");
  if (!notice) {
    notice = document.createElement("div");
    notice.className = "rcp-signal govuk-inset-text";
    notice.setAttribute("role", "status");
    form.querySelector(".rcp-bar").before(notice);
  }
  notice.textContent = words;
}

if (form) {
  const kept = sessionStorage.getItem(key);
  if (kept) {
    putBack(JSON.parse(kept));
    sessionStorage.removeItem(key);
    say("These are the ticks you made while there was no signal. Press save to send them.");
  }
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) {
      sessionStorage.removeItem(key);
      return;
    }
    event.preventDefault();
    sessionStorage.setItem(key, JSON.stringify(typed()));
    say("No signal. Your ticks are kept on this phone. Press save again when the signal is back.");
  });
}
