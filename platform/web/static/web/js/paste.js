// A table pasted onto a list, outside any field, goes to where its columns and rows are matched; nothing is written yet.
const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog";

document.addEventListener("paste", (event) => {
  const form = document.querySelector("form[data-paste]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  if (!form || event.target.closest?.(FIELDS) || lines.length < 2 || !lines[0].includes("\t")) return;
  event.preventDefault();
  form.elements.namedItem("pasted").value = text;
  form.requestSubmit();
});
