// The rest of a lesson at hand, for when the network goes: [data-ahead] says where it is fetched, [data-next] which step follows.
import { hold } from "./pictures.js";
import { say } from "./say.js";
import { waiting } from "./waiting.js";
let steps = {};
const lesson = () => document.querySelector(".lesson");
const put = (html) => {
  window.htmx.swap(lesson(), html, { swapStyle: "outerHTML" });
  document.getElementById("main").focus();
};
const fetchAhead = async () => {
  const address = lesson()?.dataset.ahead;
  if (!address || steps.all) return; // the questions are drawn with the first step
  try {
    const answer = await fetch(address);
    const found = answer.ok && !answer.redirected ? await answer.json() : {};
    if (!steps.all) hold(steps = { ...steps, ...found }); // an older answer may come last and know less
  } catch { /* without a network; what is at hand stays */ }
};
// What was pressed waits in the queue; a page that is only read shows what is at hand.
const goOn = (event) => {
  if (!lesson()?.contains(event.target)) return;
  const { next, step } = lesson().dataset;
  const html = steps[event.target.matches("[data-walk]") ? step : next] ?? steps.wait;
  if (html) put(html);
};
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, goOn);
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (!lesson()?.contains(event.target) || !xhr.responseURL || xhr.responseText.includes('class="lesson')) return;
  event.detail.shouldSwap = false; // no lesson: the course's page, or the sign-in
  location.assign(xhr.responseURL);
});
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
  say(document.title); // "Right: …": the page did not load anew, so nobody else says it
  fetchAhead();
});
document.addEventListener("queue:sent", () => { if (lesson()?.matches("[data-wait]") && !waiting().length) location.assign(location.pathname); });
fetchAhead();
