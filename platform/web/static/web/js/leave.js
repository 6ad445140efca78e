// A link that leads out of a lesson is followed once the network has answered; else the dialog #gone says so, and the lesson
// stays as it is, with what was chosen and what waits.
const gone = document.getElementById("gone");
const [again, still] = ["[data-again]", "[data-still]"].map((part) => gone.querySelector(part));
const reached = async () => {
  const { src } = document.querySelector("script[type=module]"); // small, and asked of nobody's session
  try {
    await fetch(src, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(8000) });
    return true;
  } catch { return false; }
};
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.(".lesson a[href]:not([hx-get], [target]), [data-again]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin) return;
  event.preventDefault();
  const to = link.href;
  still.textContent = "";
  link.setAttribute("aria-busy", "true");
  const open = await reached();
  link.removeAttribute("aria-busy");
  if (open) location.assign(to);
  else if (gone.open) still.textContent = still.dataset.still;
  else {
    again.href = to;
    gone.showModal();
  }
});
