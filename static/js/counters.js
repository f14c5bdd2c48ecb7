// Counts the characters in fields with a limit, as the server counts them (src/domain/text.rs). Without this script, the page
// says only the limit.

// Characters that the server removes. Joiners, selectors of emoji and signs of direction are not among them.
const invisible = /(?![\u200C\u200D\u202A-\u202E\u2066-\u2069\uFE00-\uFE0F])[\p{Default_Ignorable_Code_Point}\u2800]/gu;
const direction = /[\u202A-\u202E\u2066-\u2069]/gu;
const around = /^[\s\u202A-\u202E\u2066-\u2069]+|[\s\u202A-\u202E\u2066-\u2069]+$/gu;
const full = /[\uFF01-\uFFEE]/gu;

const cleaned = (line) => line.replace(around, (ends) => ends.replace(direction, ""));
const characters = (field) => {
  const text = field.value.replace(/\r\n?/g, "\n");
  const kept = field.type === "textarea" ? text : text.replace(full, (c) => c.normalize("NFKC"));
  const lines = kept.replace(invisible, "").normalize("NFC").split("\n").map(cleaned);
  const whole = lines.join("\n").trim();
  return [...(field.type === "textarea" ? whole : whole.replace(/\s+/g, " "))].length;
};

const plural = (number) => (number === 1 ? "1 character" : `${number} characters`);

for (const count of document.querySelectorAll("[data-limit]")) {
  const field = document.getElementById(count.id.slice(0, -"-count".length));
  const limit = Number(count.dataset.limit);
  // Screen readers read the count with the field. They interrupt somebody who is typing only near the limit, after a pause.
  const spoken = document.createElement("span");
  spoken.className = "hidden-visually";
  spoken.setAttribute("role", "status");
  count.after(spoken);
  let pause;
  const update = () => {
    const typed = characters(field);
    const left = limit - typed;
    const over = left < 0 ? `: ${-left} too many` : "";
    count.textContent = `${typed} of ${plural(limit)}${over}`;
    count.classList.toggle("over", left < 0);
    clearTimeout(pause);
    pause = setTimeout(() => {
      const near = left <= Math.max(20, limit / 20) && document.activeElement === field;
      spoken.textContent = !near ? "" : left < 0 ? `${plural(-left)} too many` : `${plural(left)} left`;
    }, 1000);
  };
  field.addEventListener("input", update);
  addEventListener("pageshow", update);
  update();
}
