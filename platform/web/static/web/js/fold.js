// A heading row folds the rows that carry its id in data-in. The choice stays for this tab.
const key = (id) => `fold:${location.pathname}:${id}`;

const set = (button, open) => {
  button.setAttribute("aria-expanded", String(open));
  for (const row of document.querySelectorAll(`[data-in="${CSS.escape(button.dataset.fold)}"]`)) row.hidden = !open;
};

const start = () => {
  for (const button of document.querySelectorAll("[data-fold]")) {
    const kept = sessionStorage.getItem(key(button.dataset.fold));
    set(button, kept ? kept === "open" : button.getAttribute("aria-expanded") === "true");
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fold]");
  if (!button) return;
  const open = button.getAttribute("aria-expanded") !== "true";
  set(button, open);
  sessionStorage.setItem(key(button.dataset.fold), open ? "open" : "closed");
});
document.addEventListener("htmx:afterSettle", start);
addEventListener("beforeprint", () => document.querySelectorAll("[data-fold]").forEach((button) => set(button, true)));
addEventListener("afterprint", start);
start();
