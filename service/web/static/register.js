// A phone may lose its signal in the middle of a session. What is changed is kept on this phone until it has
// arrived, and a save is sent by itself when the signal is back: just as it was pressed, so that it counts once.
// Each line is kept with the version that the page showed, and is put back only beside the same version: nothing
// old is laid over what somebody else has saved since. Without this script the page still works.
const form = document.querySelector("[data-register]");
const AGAIN = 15000;
const SOON = 1000;
// The service knows for thirty days that two saves are the same one. Nobody should look for one that long.
const LONGEST = 7 * 24 * 60 * 60 * 1000;
const DROP_IN = /^(q$|add|takes$|new_)/;

if (form) {
  const place = `register-${form.dataset.register}-${form.dataset.by}`;
  const address = form.getAttribute("action") || location.pathname;
  let waiting = null;
  let sending = false;
  let held = kept();

  function field(name, id) {
    return form.elements[`${name}-${id}`];
  }

  // What a page says of each person, in the words of the service: "yes 45", "yes", "no".
  function reader(pairs) {
    const given = new Map(pairs);
    const came = new Set(pairs.filter(([name]) => name === "came").map(([, id]) => id));
    return (id) => {
      const minutes = (given.get(`minutes-${id}`) ?? "").trim();
      const time = minutes || (came.has(id) ? (given.get("all_minutes") ?? "").trim() : "");
      return `${came.has(id) ? "yes" : "no"} ${time}`.trim();
    };
  }

  // Every line that is not as it was saved, with the version of it that this page showed.
  function changed() {
    const now = reader([...new FormData(form)]);
    return [...form.querySelectorAll("input[name=came]")]
      .map(({ value: id }) => ({ id, now: now(id), version: field("version", id).value }))
      .filter((line) => line.now !== field("was", line.id).value);
  }

  // Somebody who dropped in, as far as they are typed and were not in one of these saves.
  function dropIn(saves) {
    const said = new Set(saves.flat().map(String));
    return [...new FormData(form)].filter((pair) => DROP_IN.test(pair[0]) && pair[1] && !said.has(String(pair)));
  }

  function kept() {
    const nothing = { lines: [], dropIn: [], saves: [] };
    let found = null;
    try {
      found = JSON.parse(localStorage.getItem(place));
    } catch {
      return nothing;
    }
    if (!Array.isArray(found?.lines) || Date.now() - found.at > LONGEST) return nothing;
    // What nobody pressed save for is of its day. A save that was pressed is sent, however late it is.
    const today = new Date(found.at).toDateString() === new Date().toDateString();
    return today ? found : { ...nothing, saves: found.saves };
  }

  // `saves`: what was sent, or is to be sent, each time that somebody pressed save, the first one first.
  function keep(saves, said = saves) {
    held = { at: Date.now(), lines: changed(), dropIn: dropIn(said), saves };
    try {
      if (held.lines.length || held.dropIn.length || saves.length) {
        localStorage.setItem(place, JSON.stringify(held));
      } else {
        localStorage.removeItem(place);
      }
    } catch {
      say("This phone cannot keep your ticks. Save them before you lose the signal.");
    }
  }

  // Answers whether the page shows anything now that it did not show before.
  function putBack({ lines, dropIn: others, saves }) {
    const shown = JSON.stringify(changed());
    for (const { id, now, version } of lines) {
      if (field("version", id)?.value !== version) continue;
      const [came, ...minutes] = now.split(" ");
      document.getElementById(`came-${id}`).checked = came === "yes";
      field("minutes", id).value = minutes.join(" ");
      field("minutes", id).closest("details").open = minutes.length > 0;
      // It may be in a save that is on its way: should it be changed back, that is said, too.
      if (saves.length) field("was", id).value = "sent";
    }
    for (const [name, value] of others) {
      const input = form.elements[name];
      if (input) input.value = value;
      input?.closest?.("details")?.toggleAttribute("open", true);
    }
    return shown !== JSON.stringify(changed());
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

  function sendIn(milliseconds) {
    clearTimeout(waiting);
    waiting = setTimeout(send, milliseconds);
  }

  function notYetSent() {
    say("Saved on this phone, not yet sent. We send it when the signal is back. Keep this page open.");
    sendIn(AGAIN);
  }

  function everything() {
    return [...[...new FormData(form)].filter(([name]) => name !== "csrf_token"), ["do", "save"]];
  }

  // One more save, after those that wait. What is in it is said again by the next one, if it is changed again.
  function press(pairs) {
    const plain = (save) => JSON.stringify(save?.filter(([name]) => !name.startsWith("was-")));
    const again = plain(held.saves.at(-1)) === plain(pairs);
    for (const { id } of changed()) field("was", id).value = "sent";
    keep(again ? held.saves : [...held.saves, pairs]);
    say("Saving…");
    send();
  }

  async function send() {
    const pairs = held.saves[0];
    if (sending || !pairs) return;
    clearTimeout(waiting);
    const body = new URLSearchParams(pairs);
    body.set("csrf_token", form.elements.csrf_token.value);
    sending = true;
    let answer = null;
    try {
      answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    } catch {
      // No signal: said below.
    }
    sending = false;
    const json = (answer?.headers.get("Content-Type") ?? "").includes("json");
    if (answer?.ok && json) {
      arrived(pairs);
    } else if (answer?.status === 422 && onceOf(held.saves[1]) === onceOf(pairs)) {
      // A later save of the same page holds all of it, and may have put it right.
      keep(held.saves.slice(1));
      send();
    } else if (answer?.status === 422) {
      lookAgain(pairs);
    } else if (answer?.status === 503 && json) {
      // The same save is being written at this moment: its answer is asked for.
      sendIn(SOON);
    } else if ([400, 401, 403].includes(answer?.status)) {
      say("You were signed out. Your ticks are kept on this phone. Sign in, and open this page again.");
    } else {
      notYetSent();
    }
  }

  // What was changed while a save was on its way goes after it, and then the page is shown as it is saved.
  function arrived(pairs) {
    const said = reader(pairs);
    for (const { id, now } of changed()) if (said(id) === now) field("was", id).value = now;
    keep(held.saves.slice(1), [pairs, ...held.saves]);
    if (held.saves.length) {
      send();
    } else if (changed().length) {
      // Somebody who is being typed waits until save is pressed for them.
      press(everything().filter(([name]) => !DROP_IN.test(name)));
    } else {
      location.assign(address);
    }
  }

  function onceOf(pairs) {
    return new Map(pairs ?? []).get("once");
  }

  // The page itself says what needs another look, with everything typed still there.
  function lookAgain(pairs) {
    const ofThisPage = onceOf(pairs) === form.elements.once.value;
    const plain = document.createElement("form");
    plain.method = "post";
    plain.action = address;
    const csrf = ["csrf_token", form.elements.csrf_token.value];
    for (const [name, value] of [csrf, ...(ofThisPage ? everything() : pairs)]) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = value;
      plain.append(input);
    }
    keep([], [everything()]);
    document.body.append(plain);
    plain.submit();
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

  const isBack = putBack(held);
  keep(held.saves);
  if (held.saves.length) {
    notYetSent();
    send();
  } else if (isBack) {
    say("These ticks are kept on this phone and are not saved yet. Press save to send them.");
  }

  form.addEventListener("change", (event) => {
    keep(held.saves);
    if (event.target.inputMode === "numeric") workOut();
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.value === "all") {
      event.preventDefault();
      for (const box of form.querySelectorAll("input[name=came]")) box.checked = true;
      keep(held.saves);
    } else if (button?.value === "save" || !button) {
      event.preventDefault();
      press(everything());
    }
  });
  addEventListener("online", send);
}
