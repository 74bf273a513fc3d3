// A firm's page: "fix position here" fills the form from the phone, then sends it.
import { locate } from "./place.js";

const ROUGH_M = 100;

document.querySelectorAll("form[data-position]").forEach((form) => {
  const note = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    if (form.elements.latitude.value) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    note.textContent = form.dataset.sayWait;
    const here = await locate();
    button.disabled = false;
    note.textContent = here ? "" : form.dataset.sayNone;
    // A firm's position lasts for years: a rough one is not stored unasked.
    if (!here || (here.accuracy > ROUGH_M && !confirm(form.dataset.sayRough.replace("{n}", here.accuracy)))) return;
    form.elements.latitude.value = here.latitude;
    form.elements.longitude.value = here.longitude;
    form.elements.accuracy_m.value = here.accuracy;
    form.requestSubmit();
  });
});
