// A video that cannot be loaded says so beside its words; what was pressed inside a player is the player's alone.
document.addEventListener("error", (event) => {
  const player = event.target.closest?.("video");
  if (!player) return;
  const section = player.closest("section");
  section.querySelector("[data-video-gone]").hidden = false;
  section.querySelector("details").open = true;
}, true);
document.addEventListener("loadeddata", (event) => {
  const note = event.target.closest?.("section")?.querySelector("[data-video-gone]");
  if (note) note.hidden = true;
}, true);
