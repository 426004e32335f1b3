"use strict";

const form = document.getElementById("controls");
const told = document.getElementById("told");
const changes = [...document.querySelectorAll("[data-action]")].map((element) => ({
  element,
  action: element.dataset.action,
  labels: [...element.querySelectorAll("[data-label]")].map((label) => label.textContent),
  text: element.textContent.toLowerCase(),
}));

function filter() {
  const asked = new FormData(form);
  const actions = new Set(asked.getAll("action"));
  const label = asked.get("label");
  const words = String(asked.get("search")).toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const change of changes) {
    const matches =
      actions.has(change.action) &&
      (!label || change.labels.includes(label)) &&
      words.every((word) => change.text.includes(word));
    change.element.hidden = !matches;
    shown += matches;
  }
  told.textContent = `${shown} of ${changes.length} shown`;
}

function openAll(isOpen) {
  for (const element of document.querySelectorAll("details.change")) element.open = isOpen;
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
document.getElementById("open").addEventListener("click", () => openAll(true));
document.getElementById("close").addEventListener("click", () => openAll(false));
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("search").focus();
  }
});
filter();
