// The editors, a little kinder: the page asks before unsaved words are left behind, and says when the live preview
// stands still. Everything works without it.

const form = document.querySelector(".editor-text");
const still = document.getElementById("preview-still");

let unsaved = form.hasAttribute("data-unsaved");
form.addEventListener("input", () => { unsaved = true; });
form.addEventListener("submit", () => { unsaved = false; });
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

document.body.addEventListener("htmx:afterRequest", (event) => { still.hidden = event.detail.successful; });
