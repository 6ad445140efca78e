// A card follows the pointer: the mouse at once, a finger once touch.js lets it. What dropping it means is said in cards.js.
import { over, put } from "./cards.js";

const EDGE = 40, STEP = 14; // near an edge of the board, it scrolls along
let held = null;
let lane = null;

const stop = (event) => event.preventDefault(); // the click that ends a drag opens nothing
export const take = (card, x, y) => { held = { card, x, y }; lane = null; };
export const lift = () => held?.card.setAttribute("data-held", "");
export const release = () => {
  held?.card.removeAttribute("style"); // htmx would carry it over, which the CSP refuses
  held?.card.removeAttribute("data-held");
  held = null;
};
export const follow = ({ clientX: x, clientY: y }) => {
  if (!held || (!held.card.hasAttribute("data-held") && Math.hypot(x - held.x, y - held.y) < 6)) return;
  lift();
  const board = held.card.closest(".board"), { left, right } = board.getBoundingClientRect(), from = board.scrollLeft;
  board.scrollLeft += x > Math.min(right, window.innerWidth) - EDGE ? STEP : x < Math.max(left, 0) + EDGE ? -STEP : 0;
  held.x -= board.scrollLeft - from;
  held.card.style.transform = `translate(${x - held.x}px, ${y - held.y}px)`;
  lane = over(x, y);
};
export const drop = () => {
  const card = held?.card, dragged = card?.hasAttribute("data-held");
  release();
  if (!dragged) return;
  document.addEventListener("click", stop, true);
  setTimeout(() => document.removeEventListener("click", stop, true), 50);
  put(card, lane);
};

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (card && event.button === 0 && event.pointerType !== "touch") take(card, event.clientX, event.clientY);
});
document.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") follow(event); });
document.addEventListener("pointerup", (event) => { if (event.pointerType !== "touch") drop(); });
