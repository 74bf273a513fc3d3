// Finding among the firms that the phone keeps: by any part of the name, its pinyin initials or the credit code, as the server
// does. The page stands in for a search's address, so what was looked for is in the address.
const input = document.querySelector("#q"), found = document.querySelector("#found");
const rows = [...document.querySelectorAll("#kept-firms>li")], before = found.textContent;

const look = () => {
  const words = input.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) row.hidden = !words.every((word) => row.dataset.find.includes(word));
  const count = rows.filter((row) => !row.hidden).length;
  found.textContent = !words.length ? before : count ? found.dataset.sayFound.replace("{n}", count) : found.dataset.sayNone;
};

input.value = new URLSearchParams(location.search).get("q") || "";
input.addEventListener("input", look);
input.form.addEventListener("submit", (event) => { // with a network, the server looks among all firms
  if (navigator.onLine === false) event.preventDefault();
});
if (input.value) { input.focus(); input.setSelectionRange(input.value.length, input.value.length); }
look();
