// Live regions: an element with hx-get, hx-trigger="refresh" and data-live. Its value is the address of a stream of
// hints (server-sent events); empty, or when the stream fails, the region is asked for every 2 s while the tab is seen.
const POLL = 2000;
const known = new WeakSet();

const refresh = (region) => {
  if (document.hidden || region.querySelector("[data-dirty], .htmx-request")) return;
  window.htmx?.trigger(region, "refresh");
};

const watch = (region) => {
  if (known.has(region)) return;
  known.add(region);
  // An answer that comes while somebody acts in the region, or after it was replaced, is older than what is on screen.
  region.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.target === region && (!region.isConnected || region.querySelector(".htmx-request"))) event.preventDefault();
  });
  let open = false;
  if (region.dataset.live) {
    const source = new EventSource(region.dataset.live);
    source.onopen = () => { open = true; refresh(region); };
    source.onmessage = () => refresh(region);
    source.onerror = () => { open = false; };
  }
  const timer = setInterval(() => {
    if (!region.isConnected) clearInterval(timer);
    else if (!open) refresh(region);
  }, POLL);
};

// The server answers 304 when the version it is told is the one on screen.
document.addEventListener("htmx:configRequest", (event) => {
  const version = event.target.closest("[data-live]")?.dataset.version ?? event.target.querySelector("[data-version]")?.dataset.version;
  if (version) event.detail.headers["If-None-Match"] = version;
});

const start = () => document.querySelectorAll("[data-live]").forEach(watch);
document.addEventListener("htmx:afterSettle", start);
document.addEventListener("visibilitychange", () => document.querySelectorAll("[data-live]").forEach(refresh));
start();
