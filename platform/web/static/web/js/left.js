// A page with a button to sign out leaves nothing behind: a browser keeps a page whole to go back to, and shows it to whoever comes
// next. The pages before it are taken away by the answer to the button (accounts/session_activity.py), this one is not there yet.
addEventListener("pagehide", () => document.body.replaceChildren());
addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
