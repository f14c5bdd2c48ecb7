// Keeps what is typed in an editor in this browser until it is saved, one copy for each person and address. After a crash, the
// editor offers to restore it. The server forgets all copies when somebody signs out (Clear-Site-Data).
//
// Restoring sends the copy to the server, as the button for the preview does, with the version that the form was opened with.
// So the editor shows it as it shows every form, and a save merges it with what others have saved since.

const PREFIX = "typed ";
const WEEK = 7 * 24 * 60 * 60 * 1000;

// Storage may be full or switched off. Then nothing is kept, and everything else works.
const attempt = (action) => { try { return action(); } catch { return null; } };
const read = (key) => attempt(() => JSON.parse(localStorage.getItem(key)));
const write = (key, copy) => attempt(() => localStorage.setItem(key, JSON.stringify(copy)));
const forget = (key) => attempt(() => localStorage.removeItem(key));
const pass = (name, value) => attempt(() => sessionStorage.setItem(name, value));
const take = (name) => attempt(() => {
  const value = sessionStorage.getItem(name);
  sessionStorage.removeItem(name);
  return value;
});

const form = document.querySelector(".editor-text");
const offer = document.getElementById("local-copy");
const restored = document.getElementById("local-copy-restored");
const key = `${PREFIX}${form.dataset.account} ${new URL(form.action).pathname}`;
const unsaved = form.hasAttribute("data-unsaved");

const base = () => Number(form.elements.base?.value ?? 0);
const fields = () => {
  const secret = new Set([...form.elements].filter((field) => field.type === "password").map((field) => field.name));
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !secret.has(name));
};
// The values without hidden fields and differences that a save removes.
const essence = (all) => {
  const typed = all.filter(([name]) => !/^(base|began|mine|key)(-|$)/.test(name));
  const values = typed.map(([name, value]) => [name, value.replace(/\r\n?/g, "\n").trim()]).filter(([, value]) => value !== "");
  return JSON.stringify(values);
};
const keep = (sent) => write(key, { at: Date.now(), sent, base: base(), fields: fields() });

const say = (notice, at) => {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const day = moment.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
  const isToday = moment.toDateString() === new Date().toDateString();
  for (const place of notice.querySelectorAll("[data-when]")) place.textContent = isToday ? `at ${time}` : `on ${day} at ${time}`;
  notice.hidden = false;
};

for (const name of attempt(() => Object.keys(localStorage)) ?? []) {
  if (name.startsWith(PREFIX) && !(Date.now() - read(name)?.at < WEEK)) forget(name);
}

// The form that led here was saved if the address says so. After a reload, the address says the same about an earlier save.
const query = new URLSearchParams(location.search);
const revision = Number(query.get("saved") ?? query.get("kept") ?? 0);
const arrived = take("sent");
const before = arrived === null ? null : read(arrived);
if (before?.sent && revision > before.base) forget(arrived);

const opened = essence(fields());
let offered = read(key);
// A form that came back contains what was sent.
if (offered && (essence(offered.fields) === opened || (unsaved && offered.sent))) {
  if (!unsaved) forget(key);
  offered = null;
}
if (offered) {
  offer.querySelector("[data-stale]").hidden = offered.base === base();
  say(offer, offered.at);
} else if (unsaved) {
  keep(false);
}
const restoredAt = take("restored");
if (restoredAt !== null && unsaved) {
  say(restored, Number(restoredAt));
  restored.focus();
}

offer.querySelector("[data-restore]").addEventListener("click", () => {
  const again = document.createElement("form");
  again.method = "post";
  again.action = form.action;
  again.hidden = true;
  for (const [name, value] of [...offered.fields, ["preview", "on"]]) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    again.append(field);
  }
  write(key, { ...offered, sent: true });
  pass("restored", offered.at);
  document.body.append(again);
  again.submit();
});
offer.querySelector("[data-discard]").addEventListener("click", () => {
  forget(key);
  offered = null;
  offer.hidden = true;
  changed();
  form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
});

let pause = null;
let sending = false;
const changed = () => {
  clearTimeout(pause);
  pause = null;
  if (offered || sending) return;
  if (unsaved || essence(fields()) !== opened) keep(false);
  else forget(key);
};
form.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(changed, 400);
});
addEventListener("pagehide", () => { if (pause !== null) changed(); });
addEventListener("submit", (event) => {
  if (!event.target.matches(".editor-text, .short-way")) return;
  clearTimeout(pause);
  pause = null;
  sending = true;
  if (offered) return;
  keep(true);
  pass("sent", key);
});
addEventListener("pageshow", () => { sending = false; });
