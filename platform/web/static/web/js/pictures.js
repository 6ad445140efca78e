// Fetches the pictures and posters of the steps ahead while there is a network, and holds them for when it goes.
const held = new Map();

export const hold = (steps) => {
  for (const html of Object.values(steps)) {
    if (typeof html !== "string") continue;
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const one of page.querySelectorAll("img[src], video[poster]")) {
      const address = one.getAttribute("src") ?? one.getAttribute("poster");
      if (held.has(address)) continue;
      const picture = new Image();
      picture.src = address;
      held.set(address, picture);
    }
  }
};
