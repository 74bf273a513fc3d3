// Suggestions from the words as they are typed. A suggestion is a button: only a tap chooses, and no network is silence.
const WAIT_MS = 500, SHORTEST = 6;

// The visit form: each problem's words, its categories.
const form = document.querySelector("[data-suggestion-url]");
const state = new WeakMap();

const ask = async (problem, box, text, body) => {
  state.get(problem)?.abort.abort();
  const abort = new AbortController();
  state.set(problem, { text, abort });
  try {
    const answer = await fetch(form.dataset.suggestionUrl, { method: "POST", body, headers: { "HX-Request": "true" }, signal: abort.signal });
    if (abort.signal.aborted) return;
    if (answer.status !== 200) { box.hidden = true; return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!fresh.querySelector("ul.suggested")) return; // not our answer
    box.replaceChildren(...fresh.body.children);
    const chosen = problem.querySelector("input[type=radio][name$=category_id]:checked");
    box.hidden = Boolean(chosen && box.querySelector(`[data-category="${chosen.value}"]`));
  } catch { /* offline, or typed on */ }
};

const look = (problem) => {
  const box = problem.querySelector("[data-suggestion]");
  const [title, description] = ["title", "description"].map((name) => problem.querySelector(`[name$="-${name}"]`)?.value.trim() || "");
  const text = `${title}\n${description}`.trim();
  if (!box || text === state.get(problem)?.text) return;
  if (text.length < SHORTEST || navigator.onLine === false) { state.get(problem)?.abort.abort(); state.delete(problem); box.hidden = true; return; }
  ask(problem, box, text, new URLSearchParams({ title, description }));
};

const timers = new WeakMap();
form?.addEventListener("input", (event) => {
  const problem = event.target.closest("[data-problem]");
  if (!problem || !/-(title|description)$/.test(event.target.name)) return;
  clearTimeout(timers.get(problem));
  timers.set(problem, setTimeout(look, WAIT_MS, problem));
});
form?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-category]");
  if (!button) return;
  const problem = button.closest("[data-problem]");
  const radio = problem.querySelector(`input[type=radio][name$=category_id][value="${button.dataset.category}"]`);
  if (!radio) return;
  radio.checked = true;
  ["input", "change"].forEach((name) => radio.dispatchEvent(new Event(name, { bubbles: true })));
  button.closest("[data-suggestion]").hidden = true;
  radio.focus();
});

// The dispatch form: the server has written its suggestions under the department already.
document.querySelectorAll("[data-suggested-for]").forEach((box) => box.addEventListener("click", (event) => {
  const button = event.target.closest("[data-department]");
  const field = button && document.querySelector(`select[name="${box.dataset.suggestedFor}"]`);
  if (!field) return;
  field.value = button.dataset.department;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
}));
