// The bulk bar appears at the first tick and says the count; shift-click ticks a range.
import { say } from "./say.js";

let last = null;
const boxes = () => [...document.querySelectorAll("tbody [data-pick]")];

const count = (aloud) => {
  const bar = document.querySelector("[data-bulk]");
  const picked = boxes().filter((box) => box.checked).length;
  bar.hidden = picked === 0;
  bar.querySelector("[data-picked]").textContent = `${picked} selected`;
  const all = document.querySelector("[data-pick-all]");
  if (all) {
    all.hidden = false;
    all.checked = picked > 0 && picked === boxes().length;
    all.indeterminate = picked > 0 && !all.checked;
  }
  if (aloud) say(`${picked} selected`);
};

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-pick]");
  if (!box) return;
  const [from, to] = [boxes().indexOf(last), boxes().indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) boxes().slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
  last = box;
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
  if (event.target.matches("[data-pick], [data-pick-all]")) count(true);
});
document.addEventListener("reset", (event) => { if (event.target.matches("[data-bulk]")) setTimeout(() => count(true)); });
// A live update draws the rows anew: what was ticked stays ticked.
let ticked = [];
document.addEventListener("htmx:beforeSwap", () => { ticked = boxes().filter((box) => box.checked).map((box) => box.value); });
document.addEventListener("htmx:afterSettle", () => {
  boxes().forEach((box) => { box.checked ||= ticked.includes(box.value); });
  if (document.querySelector("[data-bulk]")) count(false);
});
count(false);
