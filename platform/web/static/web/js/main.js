// Loads what every page needs, and the rest only where the page asks for it. Nothing here is needed to get work done.
import "./theme.js";
import "./dialog.js";
import "./swaps.js";
import "./keys.js";

const wanted = [
  ["[data-menu]", () => import("./menu.js")],
  ["[data-fold]", () => import("./fold.js")],
  ["[data-bulk]", () => import("./bulk.js")],
  ["[data-row]", () => import("./rows.js")],
  ["[data-row] a[hx-get]", () => import("./current.js")],
  ["[data-live]", () => import("./live.js")],
  ["[data-queue-who]", () => import("./queue.js")],
  ["[data-ahead]", () => import("./ahead.js")],
  ["form[data-held]", () => import("./held.js")],
  ["#gone", () => import("./leave.js")],
  ["form[action$=\"/accounts/logout/\"]", () => import("./left.js")],
  ["video", () => import("./video.js")],
  ["[data-drop]", () => import("./drop.js")],
  ["[data-confirm]", () => import("./confirm.js")],
  ["[data-errors]", () => import("./errors.js")],
  ["[data-toast]", () => import("./toast.js")],
  ["[data-mention]", () => import("./mention.js")],
  ["[data-palette]", () => import("./palette.js")],
  ["[data-move], [data-today]", () => import("./shift.js")],
  ["form[data-push]", () => import("./push.js")],
  ["[data-paste]", () => import("./paste.js")],
  ["[data-card]", () => import("./touch.js")], // and with it drag.js
  ["[data-board]", () => import("./moved.js")],
  ["[data-ahead], .answers", () => import("./answers.js")], // a lesson's first question may come without a network
  ["form[method=post] :is(textarea, input.input)", () => import("./dirty.js")],
];

const look = () => {
  for (let n = wanted.length - 1; n >= 0; n -= 1) if (document.querySelector(wanted[n][0])) wanted.splice(n, 1)[0][1]();
};

look();
document.addEventListener("htmx:afterSettle", look);
