// A form with data-queue that cannot be sent waits on this device and is sent when the network is back, with the moment
// at which it was pressed. What the server then refuses is shown in [data-queue-refused].
import { say } from "./say.js";

const KEY = "causeway-queue";
const waiting = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");
const show = (selector, visible) => document.querySelectorAll(selector).forEach((one) => { one.hidden = !visible; });
const keep = (list) => {
  localStorage.setItem(KEY, JSON.stringify(list));
  show("[data-queue-note]", list.length);
};
let sending = false;

const send = async () => {
  if (sending || !waiting().length) return;
  sending = true;
  try {
    for (let list = waiting(); list.length; list = waiting()) {
      const [first, ...rest] = list;
      const answer = await fetch(first.address, { method: "POST", body: new URLSearchParams(first.body), headers: { "HX-Request": "true" } });
      if (answer.redirected || answer.status >= 500) return; // signed out, or a bad moment: it goes on waiting
      keep(rest);
      const refusal = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[role=alert] p");
      if (!answer.ok && refusal) document.querySelector("[data-queue-refused] p").textContent = refusal.textContent;
      if (!answer.ok) show("[data-queue-refused]", true);
    }
  } catch { /* still without a network */ } finally { sending = false; }
};

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.matches("form[data-queue]")) event.detail.parameters.at = new Date().toISOString();
});
document.addEventListener("htmx:sendError", (event) => {
  if (!event.target.matches("form[data-queue]")) return;
  keep([...waiting(), { address: event.target.action, body: new URLSearchParams(event.detail.requestConfig.formData).toString() }]);
  say("You are offline. It is kept on this device.");
});
addEventListener("online", send);
setInterval(send, 2000);
keep(waiting());
