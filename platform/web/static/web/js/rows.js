// J and K walk the rows that carry data-row, Enter opens, X selects.
import { free } from "./free.js";

const rows = () => [...document.querySelectorAll("[data-row]:not([hidden])")];
const here = () => document.activeElement?.closest("[data-row]");
let at = null;

const walk = (step) => {
  const all = rows();
  if (!all.length) return;
  const now = all.indexOf(here() ?? at);
  at = all[Math.max(0, Math.min(all.length - 1, now + step))];
  at.querySelector("a, button, input")?.focus();
  at.querySelector("a")?.focus();
};

document.addEventListener("keydown", (event) => {
  if (!free(event)) return;
  const row = here() ?? at;
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "x") row?.querySelector("[data-pick]")?.click();
  else if (event.key === "Enter" && row) row.querySelector("a")?.click();
});
