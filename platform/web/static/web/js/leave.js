// A link that leads out of a lesson is followed once the network has answered; on a learner's other pages ([data-away]) a link or a
// button to send with, as long as the device knows of a network. Else the dialog #gone says so, and the page stays as it is.
const gone = document.getElementById("gone");
const [again, still] = ["[data-again]", "[data-still]"].map((part) => gone.querySelector(part));
const SENT = "[data-away] main form:not([hx-post], [data-queue]) [type=submit]";
const OUT = `.lesson a[href]:not([hx-get], [target]), [data-away] a[href]:not([target], [href^="#"]), ${SENT}`;
let pressed, through;
const reached = async () => {
  const { src } = document.querySelector("script[type=module]"); // small, and asked of nobody's session
  try {
    await fetch(src, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(8000) });
    return true;
  } catch { return false; }
};
const goOn = () => {
  gone.close();
  if (pressed.href) return location.assign(pressed.href);
  through = pressed;
  pressed.click(); // with its form, as it was pressed
};
document.addEventListener("click", async (event) => {
  const one = event.target.closest?.(`${OUT}, [data-again]`);
  if (!one || one === through || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (one.href && one.origin !== location.origin) return;
  if (one !== again && !one.closest(".lesson") && navigator.onLine) return;
  event.preventDefault();
  if (one !== again) pressed = one;
  still.textContent = "";
  one.setAttribute("aria-busy", "true");
  const open = await reached();
  one.removeAttribute("aria-busy");
  if (open) goOn();
  else if (gone.open) still.textContent = still.dataset.still;
  else gone.showModal();
});
