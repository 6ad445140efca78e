// Single keys never fire while somebody types, in dialogs and players, with a modifier, or for Enter on what Enter itself works;
// they can be turned off (WCAG 2.1.4).
const WRITES = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog, video";
export const free = (event) =>
  document.documentElement.dataset.keys !== "off" &&
  !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey &&
  !event.target.closest?.(event.key === "Enter" ? `${WRITES}, a, button, summary` : WRITES);
