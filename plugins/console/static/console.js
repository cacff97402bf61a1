// Keys of the console: an element with data-key answers to that key. Verdicts are chosen first and sent with Enter.
"use strict";
window.focus();
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");
  const decide = document.getElementById("decide");
  if (event.key === "Escape") { event.target.blur(); return; }
  if (event.key === "Enter" && decide && !typing && !event.target.matches("button, a")) {
    event.preventDefault();
    decide.requestSubmit();
    return;
  }
  if (typing) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input[type=radio]")) { found.checked = true; }
  else if (found.matches("input")) { found.focus(); }
  else { found.click(); }
});
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
}
