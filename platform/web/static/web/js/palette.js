// Ctrl-K (or Cmd-K) opens the palette anywhere; the arrows walk its answers, Enter takes the first.
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-q");
const answers = () => [...dialog.querySelectorAll("#palette-found a")];

const open = () => {
  if (dialog.open) return;
  dialog.showModal();
  input.select();
  window.htmx?.trigger(input, "palette");
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open();
  }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-open-palette]")) return;
  event.preventDefault();
  open();
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "Escape") dialog.close(); // a search field would take the first one to empty itself
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [input, ...answers()];
  all[Math.max(0, Math.min(all.length - 1, all.indexOf(document.activeElement) + step))].focus();
});
dialog.querySelector("form").addEventListener("submit", (event) => {
  const first = answers()[0];
  if (!first || dialog.querySelector(".htmx-request")) return;
  event.preventDefault();
  first.click();
});
