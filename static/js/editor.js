// Enhances the editors: asks before the person leaves the page with unsaved changes, and says when the live preview is not up
// to date. Everything works without this script.

const form = document.querySelector(".editor-text");
const still = document.getElementById("preview-still");

const loaded = (select) => ([...select.options].find((option) => option.defaultSelected) ?? select.options[0]).value;
const differs = (field) => {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.type === "select-one") return field.value !== loaded(field);
  return "defaultValue" in field && field.value !== field.defaultValue;
};

// Of the other forms on the page, only those that resolve a conflict (.short-way) discard the changes on purpose.
let sending = false;
addEventListener("submit", (event) => { sending = event.target.matches(".editor-text, .short-way"); });
addEventListener("pageshow", () => { sending = false; });
addEventListener("beforeunload", (event) => {
  const unsaved = form.hasAttribute("data-unsaved") || [...form.elements].some(differs);
  if (unsaved && !sending) event.preventDefault();
});

document.body.addEventListener("htmx:afterRequest", (event) => { still.hidden = event.detail.successful; });
