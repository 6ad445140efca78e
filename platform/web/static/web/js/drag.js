// A card is dragged with the pointer; what it means to drop it is said in cards.js. Touch scrolls: there, "Move" is used.
import { over, put } from "./cards.js";

let held = null;
let lane = null;

const stop = (event) => event.preventDefault(); // the click that ends a drag opens nothing
const release = () => {
  held?.card.removeAttribute("style"); // htmx would carry it over, which the CSP refuses
  held?.card.removeAttribute("data-held");
  held = null;
};

document.addEventListener("pointerdown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (card && event.button === 0 && event.pointerType !== "touch") held = { card, x: event.clientX, y: event.clientY };
});
document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const x = event.clientX - held.x, y = event.clientY - held.y;
  if (!held.card.hasAttribute("data-held") && Math.hypot(x, y) < 6) return;
  held.card.setAttribute("data-held", "");
  held.card.style.transform = `translate(${x}px, ${y}px)`;
  lane = over(event.clientX, event.clientY);
});
document.addEventListener("pointerup", () => {
  const card = held?.card, dragged = card?.hasAttribute("data-held");
  release();
  if (!dragged) return;
  document.addEventListener("click", stop, true);
  setTimeout(() => document.removeEventListener("click", stop, true), 50);
  put(card, lane);
});
document.addEventListener("pointercancel", release);
document.addEventListener("htmx:afterSettle", (event) => {
  const moved = event.target.closest?.("[data-board]")?.dataset.board;
  if (moved) document.querySelector(`#card-${CSS.escape(moved)} a`)?.focus();
});
