// Files dropped on a [data-drop] field land in its file input, as if chosen there.
const zone = (event) => event.target.closest?.("[data-drop]");

document.addEventListener("dragover", (event) => {
  const field = zone(event);
  if (!field) return;
  event.preventDefault();
  field.dataset.over = "";
});
document.addEventListener("dragleave", (event) => { delete zone(event)?.dataset.over; });
document.addEventListener("drop", (event) => {
  const field = zone(event);
  if (!field) return;
  event.preventDefault();
  delete field.dataset.over;
  const input = field.querySelector("input[type=file]");
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
});
