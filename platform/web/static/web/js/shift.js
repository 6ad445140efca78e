// Left and right on a date of the timeline try another one (with Shift a week); Enter shows what it moves, Escape puts it back.
import { say } from "./say.js";

const DAY = 86_400_000;
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const tried = new WeakMap();

const show = (link, days) => {
  const day = new Date(Date.parse(link.dataset.move) + days * DAY);
  tried.set(link, { days, day: day.toISOString().slice(0, 10) });
  document.getElementById(link.dataset.bar)?.setAttribute("transform", `translate(${days * link.dataset.scale} 0)`);
  const month = day.toLocaleDateString(document.documentElement.lang, { month: "short", timeZone: "UTC" });
  const year = day.getUTCFullYear() === new Date().getFullYear() ? "" : ` ${day.getUTCFullYear()}`;
  const text = `${day.getUTCDate()} ${month}${year}`;
  link.firstChild.textContent = text;
  say(days ? `${text}, ${Math.abs(days)} days ${days > 0 ? "later" : "earlier"}. Enter shows what moves.` : `${text}, as planned.`);
};

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("[data-move]");
  const form = document.getElementById("shift");
  if (!link || !form || event.altKey || event.ctrlKey || event.metaKey) return;
  const now = tried.get(link) ?? { days: 0 };
  if (event.key in STEPS) show(link, now.days + STEPS[event.key] * (event.shiftKey ? 7 : 1));
  else if (event.key === "Escape" && now.days) show(link, 0);
  else if (event.key === "Enter" && now.days) {
    form.elements.namedItem("item").value = link.dataset.item; // elements.item is a method
    form.elements.namedItem("to").value = now.day;
    form.requestSubmit();
  } else return;
  event.preventDefault();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "preview") event.target.querySelector("[data-focus]")?.focus();
});
for (const plot of document.querySelectorAll("[data-today]")) plot.scrollLeft = plot.dataset.today - plot.clientWidth / 3;
