// An @ in a field with data-mention (the address of the names) offers people and roles: arrows, Enter or Tab, Escape.
let field = null;
const list = () => document.getElementById("names");
const options = () => [...document.querySelectorAll("#names [data-name]")];
const chosen = () => document.querySelector("#names [aria-selected=true]");
const typed = (input) => input.value.slice(0, input.selectionStart).match(/(?:^|\s)@([^@\n]{0,30})$/)?.[1] ?? null;
const mark = (option) => {
  options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
  if (option) field.setAttribute("aria-activedescendant", option.id);
};
const close = () => { list()?.remove(); field?.removeAttribute("aria-activedescendant"); };
const take = (option) => {
  const at = field.selectionStart - typed(field).length;
  field.setRangeText(`${option.dataset.name} `, at, field.selectionStart, "end");
  close();
};
document.addEventListener("input", async (event) => {
  if (!event.target.matches?.("[data-mention]")) return;
  field = event.target;
  const asked = typed(field);
  if (asked === null) return close();
  const answer = await fetch(`${field.dataset.mention}?q=${encodeURIComponent(asked)}`, { headers: { "HX-Request": "true" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (typed(field) === asked) close(); else return; // else it answers what was typed before
  if (!page.querySelector("[data-name]")) return;
  field.after(page.getElementById("names"));
  mark(options()[0]);
});
document.addEventListener("keydown", (event) => {
  if (!list() || event.target !== field) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(options().at((options().indexOf(chosen()) + step) % options().length));
  else if (["Enter", "Tab"].includes(event.key)) take(chosen());
  else if (event.key === "Escape") close(); else return;
  event.preventDefault();
}, true);
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("#names [data-name]");
  if (option) { event.preventDefault(); take(option); }
});
