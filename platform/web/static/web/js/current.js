// The row whose link leads to the page on screen is the selected one; so it stays when htmx changes only the panel.
const mark = () => {
  for (const row of document.querySelectorAll("[data-row]")) {
    const link = row.querySelector("th a[hx-get]");
    if (!link) continue;
    if (link.pathname === location.pathname) row.setAttribute("aria-selected", "true");
    else row.removeAttribute("aria-selected");
  }
};

for (const event of ["htmx:pushedIntoHistory", "htmx:afterSettle"]) document.addEventListener(event, mark);
