// Lists of firms: how far each is, and the nearest first. The position stays in the phone; the server never hears of it.
import { inWords, locate, mayLocate, metresBetween, positionOf } from "./place.js";

let here = null; // kept while the page is open, so that a search does not ask again

const show = () => document.querySelectorAll("[data-nearest]").forEach((list) => {
  const holder = list.matches("[data-rows]") ? list : list.querySelector("[data-rows]");
  const button = list.querySelector("[data-near]");
  if (button) {
    button.hidden = !navigator.geolocation;
    button.setAttribute("aria-pressed", String(Boolean(here)));
    button.classList.toggle("on", Boolean(here));
  }
  if (!holder || !here) return;
  const far = new Map([...holder.children].map((row) => {
    const there = positionOf(row);
    return [row, there ? metresBetween(here, there) : Infinity];
  }));
  for (const [row, metres] of far) {
    const words = row.querySelector("[data-distance]");
    if (words && metres < Infinity) words.textContent = " · " + list.dataset.sayNear.replace("{distance}", inWords(metres, list.dataset));
  }
  const sorted = [...far.keys()].sort((a, b) => far.get(a) - far.get(b));
  holder.append(...sorted);
  const most = Number(holder.dataset.most) || Infinity; // a short list shows the nearest few of those it carries
  sorted.forEach((row, nth) => { row.hidden = nth >= most; });
});

const look = async (list) => {
  const note = list?.querySelector("[data-near-note]");
  here = await locate() || here;
  if (note) { note.hidden = Boolean(here); note.textContent = here ? "" : list.dataset.sayNone; }
  show();
};

addEventListener("click", async (event) => {
  const button = event.target.closest("[data-near]");
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  await look(button.closest("[data-nearest]"));
  button.removeAttribute("aria-busy");
});
// A search that found no network: the phone's own list of firms stands in for its address.
addEventListener("htmx:sendError", ({ target, detail }) => {
  if (target.closest("#firms-search") && document.body.dataset.keptFor && navigator.serviceWorker?.controller) location.assign(detail.pathInfo.finalRequestPath);
});
addEventListener("htmx:afterSwap", show); // a search brought other rows

show();
// Asked for only by a tap; but who has allowed it before need not tap again.
if (document.querySelector("[data-nearest]") && await mayLocate()) await look(null);
