// A form that is alone on its page and waits for the network gives way to [data-held-note] until the server has what was pressed.
import "./elsewhere.js";
import { show, waiting } from "./waiting.js";
const FORM = "form[data-held]", NOTE = "[data-held-note]";
const turn = (held) => {
  show(FORM, !held);
  show(NOTE, held);
};
const hold = (event) => { if (event.target.matches(FORM)) turn(true); };
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, hold);
document.addEventListener("queue:sent", () => {
  if (!document.querySelector(FORM)?.hidden || waiting().length) return;
  if (document.querySelector("[data-queue-refused]").hidden) location.reload(); // on to what follows
  else turn(false);
});
