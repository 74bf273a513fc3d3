// The visit's place: one position, only for a visit on site, and gone at a tap. Not loaded where the office does not ask for it.
import { inWords, locate, metresBetween, positionOf } from "./place.js";

const form = document.querySelector("#visit-form"), place = form.querySelector("#place"), words = place.querySelector("p");
const off = place.querySelector("[data-place-off]"), on = place.querySelector("[data-place-on]");
const fields = ["latitude", "longitude", "accuracy_m"].map((name) => form.elements[name]);
let wanted = true, asking = 0;

const say = (text, { canClear = false, canAsk = false } = {}) => {
  place.hidden = !text;
  words.textContent = text;
  off.hidden = !canClear;
  on.hidden = !canAsk;
};
const fill = (...values) => fields.forEach((field, nth) => { field.value = values[nth] ?? ""; });
const isOnSite = () => form.elements.mode.value === "on_site";

const tell = (here) => {
  const firm = positionOf(form), said = place.dataset;
  let text = said.sayGot.replace("{accuracy}", inWords(here.accuracy, said));
  if (firm) text += said.sayFar.replace("{distance}", inWords(metresBetween(here, firm), said));
  say(text, { canClear: true });
};

const lookUp = async () => {
  const mine = ++asking;
  if (!wanted || !isOnSite()) return say("");
  say(place.dataset.sayWait, { canClear: true });
  const here = await locate();
  if (mine !== asking) return; // cleared, or no longer on site, meanwhile
  if (!here) return say(place.dataset.sayNone, { canAsk: true });
  fill(here.latitude, here.longitude, here.accuracy);
  tell(here);
};
off.addEventListener("click", () => { wanted = false; asking++; fill(); say(place.dataset.sayOff, { canAsk: true }); });
on.addEventListener("click", () => { wanted = true; lookUp(); });
form.addEventListener("change", (event) => {
  if (event.target.name !== "mode") return;
  if (isOnSite()) return lookUp();
  asking++; fill(); say("");
});
// A form that came back with something to change still has its place.
const tellHeld = () => tell({ latitude: Number(fields[0].value), longitude: Number(fields[1].value), accuracy: Number(fields[2].value) || 0 });
if (fields[0].value) tellHeld();
else if (navigator.geolocation) lookUp();
else say("");
// A draft came back into the form: its place stays as it was taken.
form.addEventListener("draft:restored", () => {
  if (fields[0].value) { asking++; tellHeld(); } else if (!isOnSite()) { asking++; say(""); }
});
