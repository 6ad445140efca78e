// A form with data-queue that cannot be sent waits on this device and is sent when the network is back, or when the person
// has signed in again, with the moment at which it was pressed; refusals show in [data-queue-refused]. No choice, no sending.
import { say } from "./say.js";
import { add, done, show, waiting } from "./waiting.js";
const out = (url) => url && !new URL(url, location).pathname.startsWith("/o/"); // the answer leads to the sign-in page
const hold = (event) => {
  if (!event.target.matches("form[data-queue]")) return;
  add(event.target.action, new URLSearchParams(event.detail.requestConfig.formData).toString());
  say(document.querySelector("[data-queue-note] p").textContent);
};
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const REFUSAL = ":is(p[role=alert]:not([hidden]), [role=alert] :is(p, li)):not([data-queue-refused] *)";
const why = (text) => new DOMParser().parseFromString(text, "text/html").querySelector(REFUSAL)?.textContent;
let sending = false;
const send = async () => {
  if (sending || !waiting().length) return;
  sending = true;
  try {
    for (let [first] = waiting(); first; [first] = waiting()) {
      const body = new URLSearchParams(first.body);
      body.set("csrfmiddlewaretoken", token()); // this page's: the one it was pressed with may have ended
      const answer = await fetch(first.address, { method: "POST", body, headers: { "HX-Request": "true" } });
      if (out(answer.headers.get("HX-Redirect") ?? answer.url) || answer.status === 403 || answer.status >= 500) return; // it goes on waiting
      done(first.id);
      if (!answer.ok) document.querySelector("[data-queue-refused] p").textContent = why(await answer.text()) ?? "";
      if (!answer.ok) show("[data-queue-refused]", true);
    }
    document.dispatchEvent(new Event("queue:sent"));
  } catch { /* still without a network */ } finally { sending = false; }
};
document.addEventListener("htmx:configRequest", (event) => {
  const form = event.target, { choose } = form.dataset;
  if (form.matches("form[data-queue]")) event.detail.parameters.at = new Date().toISOString();
  if (!choose || form.querySelector(`[name=${choose}]:checked`)) return;
  event.preventDefault();
  form.querySelectorAll("[data-unchosen]").forEach((one) => { one.hidden = false; });
});
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, hold);
document.addEventListener("htmx:beforeOnLoad", (event) => { const { xhr } = event.detail; if (out(xhr.getResponseHeader("HX-Redirect") ?? xhr.responseURL)) hold(event); });
addEventListener("online", send); setInterval(send, 2000); send();
