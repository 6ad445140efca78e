// What could not be sent: kept on this device, each thing with the person who did it, until the server has it.
const KEY = "causeway-queue";
const who = () => document.querySelector("[data-queue-who]")?.dataset.queueWho;
const stored = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");

const keep = (list) => {
  localStorage.setItem(KEY, JSON.stringify(list));
  show("[data-queue-note]", waiting().length);
};

export const show = (selector, visible) => document.querySelectorAll(selector).forEach((one) => { one.hidden = !visible; });
export const waiting = () => stored().filter((one) => one.who === who());
export const add = (address, body) => keep([...stored(), { id: `${Date.now()}-${Math.random()}`, who: who(), address, body }]);
export const done = (id) => keep(stored().filter((one) => one.id !== id)); // read anew: another tab may have added to it
keep(stored());
