// After a card has moved, the focus goes along.
document.addEventListener("htmx:afterSettle", (event) => {
  const moved = event.target.closest?.("[data-board]")?.dataset.board;
  if (moved) document.querySelector(`#card-${CSS.escape(moved)} a`)?.focus();
});
