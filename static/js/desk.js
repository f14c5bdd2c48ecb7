// Enhances the desk: "/" goes to the search field, arrow keys walk through the hits, Enter opens the first one, and a search that
// fails says so instead of leaving old hits. Everything works without this script.

const field = document.querySelector("[data-find]");
const found = () => document.getElementById("found");
const hits = () => [...(found()?.querySelectorAll("tbody th a") ?? [])];

// A key that is not held down with another one can be turned off (WCAG 2.1.4), because dictation may press it by mistake.
const OFF = "slash-off";
const slash = document.querySelector("[data-slash]");
const isOff = () => localStorage.getItem(OFF) !== null;
const say = () => slash.lastChild.replaceWith(` ${isOff() ? "on" : "off"} in this browser`);
if (slash) {
  slash.parentElement.hidden = false;
  say();
  slash.addEventListener("click", () => {
    if (isOff()) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "");
    say();
  });
}

// The next caller's name replaces that of the last one.
addEventListener("pageshow", () => {
  if (document.activeElement === field) field.select();
});

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = document.activeElement;
  const types = at.matches("input, textarea, select, [contenteditable]");
  const isWhole = at === field && field.selectionStart === 0 && field.selectionEnd === field.value.length;
  if (event.key === "/" && field && (!types || isWhole) && !isOff()) {
    event.preventDefault();
    field.focus();
    field.select();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const links = hits();
  const from = links.indexOf(at);
  if (!step || !links.length || (at !== field && from < 0)) return;
  event.preventDefault();
  (links[from + step] ?? (step < 0 ? field : at)).focus();
});

// The server searches once more, so that Enter never opens a hit of an earlier word.
const search = document.getElementById("search");
search?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target !== field || !field.value.trim() || event.isComposing) return;
  event.preventDefault();
  if (!navigator.onLine) {
    sayFailed();
    return;
  }
  const query = new URLSearchParams(new FormData(search));
  for (const [name, value] of [...query]) if (!value) query.delete(name, value);
  query.set("open", "first");
  location.assign(`${search.action}?${query}`);
});

// On a phone, the search goes to the top, so that the first hit is visible above the keyboard.
search?.addEventListener("input", () => {
  if (matchMedia("(max-width: 40rem)").matches) search.scrollIntoView({ block: "start" });
});

const failed = (event) => {
  if (event.target === search) sayFailed();
};

function sayFailed() {
  document.getElementById("count").textContent = "";
  const notice = document.createElement("p");
  notice.className = "notice wrong";
  notice.setAttribute("role", "alert");
  notice.textContent = `${search.dataset.failed} `;
  const again = document.createElement("button");
  again.className = "button second small";
  again.textContent = "Try again";
  again.addEventListener("click", () => search.requestSubmit());
  notice.append(again);
  found().replaceChildren(notice);
}
for (const trouble of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.body.addEventListener(trouble, failed);
