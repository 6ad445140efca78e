// By touch a card is lifted when the finger stays on it for a moment; until then the finger scrolls, as everywhere.
import { drop, follow, lift, release, take } from "./drag.js";

const HOLD = 350, STILL = 10;
let waits = null;
let lifted = false;

const end = () => { clearTimeout(waits?.timer); waits = null; lifted = false; };

document.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "touch") return;
  if (!event.isPrimary) { release(); end(); return; } // two fingers zoom
  const card = event.target.closest?.("[data-card]"), { clientX: x, clientY: y } = event;
  if (card) waits = { x, y, timer: setTimeout(() => { lifted = true; take(card, x, y); lift(); }, HOLD) };
});
document.addEventListener("pointermove", (event) => {
  if (event.pointerType !== "touch" || !waits) return;
  if (lifted) follow(event);
  else if (Math.hypot(event.clientX - waits.x, event.clientY - waits.y) > STILL) end();
});
document.addEventListener("pointerup", (event) => {
  if (event.pointerType !== "touch") return;
  if (lifted) drop();
  end();
});
document.addEventListener("pointercancel", () => { release(); end(); });
document.addEventListener("touchmove", (event) => { if (lifted) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (waits) event.preventDefault(); });
