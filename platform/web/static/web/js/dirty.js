// A form somebody has typed into is marked, so that no live update takes the text away.
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[method=post]");
  if (form) form.dataset.dirty = "";
});
for (const done of ["submit", "reset"]) {
  document.addEventListener(done, (event) => { delete event.target.dataset.dirty; });
}
