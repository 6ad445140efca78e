// The rest of a lesson at hand, for when the network goes: [data-ahead] says where it is fetched, [data-next] which step follows
// what is sent, [data-to] where a link leads; a choice in a case leads to the scene behind it.
import "./elsewhere.js";
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
  const { ahead, attempt } = lesson()?.dataset ?? {};
  if (steps.attempt && steps.attempt !== attempt) steps = {}; // other questions, or other cards to be read again
  if (!ahead || (steps.all && steps.attempt === attempt)) return; // the questions are drawn with the first step
  try {
    const answer = await fetch(ahead);
    const found = answer.ok && !answer.redirected ? await answer.json() : {};
    const late = attempt && attempt !== lesson()?.dataset.attempt;
    if (!steps.all && !late) hold(steps = { ...steps, ...found }); // an older answer may come last and know less
  } catch { /* without a network; what is at hand stays */ }
};
// What was pressed waits in the queue; a page that is only read shows what is at hand.
const goOn = ({ target, detail }) => {
  if (!lesson()?.contains(target)) return;
  const { next, step } = lesson().dataset;
  const scene = target.matches("[data-walk]") && `${step}/${detail.requestConfig.formData.get("path")}`;
  const html = steps[scene || (target.dataset.to ?? next)] ?? steps.wait;
  if (html) put(html);
};
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, goOn);
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
  say(document.title); // "Right: …": the page did not load anew, so nobody else says it
  fetchAhead();
});
document.addEventListener("queue:sent", () => { if (lesson()?.matches("[data-wait]") && !waiting().length) location.assign(location.pathname); });
fetchAhead();
