// What htmx would put into a lesson or a form may be another page: the course's, or the sign-in. Then the whole page goes there.
const SIGNS = [[".lesson", 'class="lesson'], ["form[data-held]", "data-held"]];
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const [, sign] = SIGNS.find(([part]) => event.target.matches(part)) ?? [];
  if (!sign || !xhr.responseURL || xhr.responseText.includes(sign)) return;
  event.detail.shouldSwap = false;
  location.assign(xhr.responseURL);
});
