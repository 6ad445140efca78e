// A card of the board goes to another column: dragged, or with Shift and left or right from the keyboard, Enter, Escape.
import { say } from "./say.js";

const lanes = () => [...document.querySelectorAll("[data-lane]")];
const name = (lane) => lane.getAttribute("aria-label");
let tried = null;

const mark = (lane) => { for (const one of lanes()) one.toggleAttribute("data-over", one === lane); };

export const put = (card, lane) => {
  mark(null);
  const form = document.getElementById("card");
  if (!lane || lane.contains(card) || !form) return;
  form.elements.namedItem("to").value = lane.dataset.lane;
  form.action = card.dataset.card;
  window.htmx.ajax("POST", card.dataset.card, { source: form, target: "#columns", swap: "outerHTML" });
};
export const over = (x, y) => {
  const lane = document.elementFromPoint(x, y)?.closest("[data-lane]") ?? null;
  mark(lane);
  return lane;
};

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = lanes(), home = all.indexOf(card.closest("[data-lane]"));
  const step = event.shiftKey ? { ArrowLeft: -1, ArrowRight: 1 }[event.key] : 0;
  if (step) {
    const at = Math.max(0, Math.min(all.length - 1, (tried?.card === card ? tried.at : home) + step));
    tried = { card, at };
    mark(at === home ? null : all[at]);
    say(at === home ? `${name(all[at])}, where it is.` : `To ${name(all[at])}. Enter moves it there, Escape leaves it.`);
  } else if (tried?.card === card && event.key === "Enter" && tried.at !== home) put(card, all[tried.at]);
  else if (tried?.card === card && event.key === "Escape") { tried = null; mark(null); say(name(all[home])); }
  else return;
  event.preventDefault();
});
