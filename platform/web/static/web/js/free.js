// Single keys never fire while somebody types, in dialogs, or with a modifier, and can be turned off (WCAG 2.1.4).
export const free = (event) =>
  document.documentElement.dataset.keys !== "off" &&
  !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey &&
  !event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog");
