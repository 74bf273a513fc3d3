// Onto the home screen: where the browser has a question of its own for it, it is asked when she presses, never by itself.
const card = document.querySelector("#install"), button = card.querySelector("button");
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  button.hidden = false;
  button.onclick = () => { button.hidden = true; event.prompt(); };
});
addEventListener("appinstalled", () => { card.hidden = true; });
