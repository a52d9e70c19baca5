// A phone may lose its signal in the middle of a session. What is ticked is kept on this phone until it has
// arrived, and is sent by itself when the signal is back: with the key of its page, so that it counts once.
// Without this script the page still works.
const form = document.querySelector("[data-register]");
const AGAIN = 15000;

if (form) {
  const place = `register-${form.dataset.register}-${form.dataset.by}`;
  const address = form.getAttribute("action") || location.pathname;
  const shownFirst = ticks(typed());
  let waiting = null;

  // What somebody can type here, without what the page itself put in.
  function typed() {
    return [...new FormData(form)].filter(([name]) => /^(came|minutes-|all_minutes|q$|add|takes|new_)/.test(name));
  }

  function ticks(pairs) {
    return JSON.stringify(pairs.filter(([name]) => name === "came" || name.startsWith("minutes-")));
  }

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(place));
    } catch {
      return null;
    }
  }

  // `sent`: everything that the page would have sent, once somebody has pressed save.
  function keep(sent) {
    try {
      localStorage.setItem(place, JSON.stringify({ typed: typed(), sent }));
    } catch {
      say("This phone cannot keep your ticks. Save them before you lose the signal.");
    }
  }

  function forget() {
    localStorage.removeItem(place);
  }

  function putBack(pairs) {
    const came = new Set(pairs.filter(([name]) => name === "came").map(([, value]) => value));
    for (const box of form.querySelectorAll("input[name=came]")) box.checked = came.has(box.value);
    for (const [name, value] of pairs) {
      const field = name === "came" ? null : form.elements[name];
      if (field) field.value = value;
      field?.closest?.("details")?.toggleAttribute("open", value !== "");
    }
  }

  function say(words) {
    let notice = form.querySelector(".rcp-signal");
    if (!notice) {
      notice = document.createElement("div");
      notice.className = "rcp-signal govuk-inset-text";
      notice.setAttribute("role", "status");
      // In the bar that stays in sight, however long the list is.
      form.querySelector(".rcp-bar").prepend(notice);
    }
    notice.textContent = words;
  }

  function notYetSent() {
    say("Saved on this phone, not yet sent. We send it when the signal is back. Keep this page open.");
    clearTimeout(waiting);
    waiting = setTimeout(() => send(kept()?.sent), AGAIN);
  }

  // It may have arrived and only its answer was lost: whatever was in it is said again by the next save.
  function unsure() {
    for (const box of form.querySelectorAll("input[name=came]")) {
      const was = form.elements[`was-${box.value}`];
      const now = `${box.checked ? "yes" : "no"} ${form.elements[`minutes-${box.value}`].value}`.trim();
      if (was.value !== now) was.value = "sent";
    }
  }

  async function send(pairs) {
    if (!pairs) return;
    const body = new URLSearchParams(pairs);
    body.set("csrf_token", form.elements.csrf_token.value);
    let answer;
    try {
      answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    } catch {
      unsure();
      notYetSent();
      return;
    }
    if (answer.status === 401 || answer.status === 403 || answer.status === 400) {
      say("You were signed out. Your ticks are kept on this phone. Sign in, and open this page again.");
    } else if (answer.ok && (answer.headers.get("Content-Type") ?? "").includes("json")) {
      forget();
      location.assign(address);
    } else if (answer.status === 422) {
      // Something needs another look: the page itself says what, with everything typed still there.
      forget();
      const save = form.querySelector("button[name=do][value=save]");
      form.dataset.plain = "yes";
      form.requestSubmit(save);
    } else {
      notYetSent();
    }
  }

  async function workOut() {
    const body = new URLSearchParams([...new FormData(form)]);
    try {
      const answer = await fetch(`${address}/sums`, { method: "POST", body });
      if (!answer.ok) return;
      const sums = await answer.json();
      for (const place of form.querySelectorAll("[data-sum]")) {
        const sum = sums[place.dataset.sum];
        if (sum !== undefined) place.textContent = sum ? `: ${sum}` : "";
      }
    } catch {
      // No signal: the sums stand on the next page.
    }
  }

  const before = kept();
  if (before?.sent) {
    putBack(before.typed);
    notYetSent();
    send(before.sent);
  } else if (before && ticks(before.typed) !== shownFirst) {
    putBack(before.typed);
    say("These ticks are kept on this phone and are not saved yet. Press save to send them.");
  }

  function everything() {
    return [...[...new FormData(form)].filter(([name]) => name !== "csrf_token"), ["do", "save"]];
  }

  form.addEventListener("change", (event) => {
    // What is ticked while a save waits for the signal goes with it.
    keep(kept()?.sent ? everything() : null);
    if (event.target.inputMode === "numeric") workOut();
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (form.dataset.plain) return;
    if (button?.value === "all") {
      event.preventDefault();
      for (const box of form.querySelectorAll("input[name=came]")) box.checked = true;
      keep(kept()?.sent ? everything() : null);
    } else if (button?.value === "save" || !button) {
      event.preventDefault();
      keep(everything());
      say("Saving…");
      send(everything());
    }
  });
  addEventListener("online", () => send(kept()?.sent));
}
