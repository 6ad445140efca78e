// Focus goes to the error summary when a form came back.
const go = () => document.querySelector("[data-errors]")?.focus();
document.addEventListener("htmx:afterSettle", go);
go();
