// Tells screen readers what happened, in the one live region of the page.
export const say = (text) => {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
};
