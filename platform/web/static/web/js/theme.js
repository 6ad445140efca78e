// Light or dark without loading the page again; the server remembers the choice from the same form.
import { say } from "./say.js";

const root = document.documentElement;

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-toggle]");
  if (!form) return;
  event.preventDefault();
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = dark ? "light" : "dark";
  const data = new FormData(form);
  data.set("theme", theme);
  root.dataset.theme = theme;
  say(dark ? "Light theme" : "Dark theme");
  fetch(form.action, { method: "POST", body: data, redirect: "manual" });
});
