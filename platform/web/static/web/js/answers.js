// Quiz by keyboard: A to J choose an answer, Enter checks (the form's own submit).
import { free } from "./free.js";

document.addEventListener("keydown", (event) => {
  if (!free(event) || event.key.length !== 1) return;
  const number = event.key.toLowerCase().charCodeAt(0) - 97;
  const label = document.querySelectorAll(".answers:not([data-marked]) label")[number];
  if (number < 0 || !label) return;
  const input = label.querySelector("input");
  input.click();
  input.focus();
});
