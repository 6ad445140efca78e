// A form that is alone on its page and waits for the network gives way to [data-held-note] until the server has what was pressed;
// refused, it comes again with the words it stands under as they are now.
import "./elsewhere.js";
import { show, waiting } from "./waiting.js";
const FORM = "form[data-held]", NOTE = "[data-held-note]";
const turn = (held) => {
  show(FORM, !held);
  show(NOTE, held);
};
const again = (form) => {
  turn(false);
  const parts = { select: FORM, selectOOB: form.getAttribute("hx-select-oob"), swap: "outerHTML" };
  window.htmx.ajax("GET", location.pathname, { target: FORM, ...parts }).catch(() => {}); // old words are refused as well
};
const hold = (event) => { if (event.target.matches(FORM)) turn(true); };
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, hold);
document.addEventListener("queue:sent", () => {
  if (!document.querySelector(FORM)?.hidden || waiting().length) return;
  if (document.querySelector("[data-queue-refused]").hidden) location.reload(); // on to what follows
  else again(document.querySelector(FORM));
});
