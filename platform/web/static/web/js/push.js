// Push messages in this browser: asks for permission, and hands what the browser gave to the form that keeps it.
const form = document.querySelector("form[data-push]");
const WHO = "causeway-push-who";
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const note = (name) => document.querySelectorAll("[data-push-note]").forEach((one) => { one.hidden = one.dataset.pushNote !== name; });
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const standing = async () => (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription();

// Another person's, or one for a key that was exchanged, is ended: nobody reads another's messages on a shared computer.
const ours = (one) => localStorage.getItem(WHO) === form.dataset.pushWho && text(one.options.applicationServerKey) === form.dataset.push;

const ask = async () => {
  if (await Notification.requestPermission() !== "granted") return note("refused");
  await navigator.serviceWorker.register("/push-worker.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  let found = await pushManager.getSubscription();
  if (found && !ours(found)) { await found.unsubscribe(); found = null; }
  found ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
  localStorage.setItem(WHO, form.dataset.pushWho);
  form.elements.endpoint.value = found.endpoint;
  form.elements.public_key.value = text(found.getKey("p256dh"));
  form.elements.secret.value = text(found.getKey("auth"));
  form.submit();
};

form.addEventListener("submit", (event) => { event.preventDefault(); ask().catch(() => note("failed")); });
form.hidden = !able;
note(!able ? "missing" : Notification.permission === "denied" ? "refused" : "");
if (able) standing().then((found) => {
  const mark = [...document.querySelectorAll("[data-push-mark]")].find((one) => found?.endpoint.endsWith(one.dataset.pushMark));
  if (!mark) return;
  mark.hidden = false; form.hidden = true;
});
