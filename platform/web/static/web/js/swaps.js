// htmx's manners: rows say that they are busy, focus lands where the new thing is, failures are said and change nothing.
import { say } from "./say.js";

const busy = (event, on) => {
  const place = event.target.closest?.("[data-row], .panel, form");
  if (on) place?.setAttribute("aria-busy", "true");
  else place?.removeAttribute("aria-busy");
};

document.addEventListener("htmx:beforeRequest", (event) => busy(event, true));
document.addEventListener("htmx:afterRequest", (event) => busy(event, false));
// Nothing is swapped under somebody who writes, has opened a form, or is about to press something there.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target?.querySelector?.("[data-dirty], details[open] form, form :focus")) event.preventDefault();
});
document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.target;
  if (document.activeElement && document.activeElement !== document.body) return;
  place.querySelector?.("[data-errors], [data-focus], .panel-body > h2, h2[tabindex]")?.focus();
});
const failed = () => {
  say("Not saved. Nothing has changed.");
  if (document.getElementById("not-saved")) return;
  const note = document.createElement("div");
  note.id = "not-saved";
  note.className = "toast";
  note.textContent = "That was not saved, nothing has changed. Try again.";
  document.body.append(note);
  setTimeout(() => note.remove(), 8000);
};
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:sendError", (event) => { if (event.detail.requestConfig.verb !== "get" && !event.target.matches("[data-queue]")) failed(); });
