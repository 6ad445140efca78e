// Toasts leave after ten seconds, unless somebody is on them.
const TIME = 10000;
const seen = new WeakSet();

const leave = (toast) => setTimeout(() => {
  if (toast.matches(":hover, :focus-within")) leave(toast);
  else toast.remove();
}, TIME);

const start = () => {
  for (const toast of document.querySelectorAll("[data-toast]")) {
    if (seen.has(toast)) continue;
    seen.add(toast);
    leave(toast);
  }
};

document.addEventListener("htmx:afterSettle", start);
start();
