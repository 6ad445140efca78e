// ? list, / find, G then a letter goes to a place, and any key that a control on the page claims with data-key.
import { free } from "./free.js";

let going = false;
const visible = (element) => element.checkVisibility?.() ?? true;
const claimed = (key) => [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
const clicks = ["[", "]", "+", "-", "Escape"];

document.addEventListener("keydown", (event) => {
  if (!free(event)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (going) {
    going = false;
    document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();
    return;
  }
  going = key === "g";
  if (key === "?") document.getElementById("keys")?.showModal();
  const control = claimed(key);
  if (!control) return;
  event.preventDefault();
  if (clicks.includes(key)) control.click();
  else control.focus();
  if (control.matches("summary")) {
    control.parentElement.open = true;
    control.parentElement.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }
});
