// The visit form: problems one at a time, and what a problem leads to as its words change.
// Nothing here is a gate: without any of it the form sends just the same.

const form = document.querySelector("#visit-form");
const $ = (selector, root = form) => root.querySelector(selector);

// ── Problems: those begun, and the first that is not ───────────────────────────────────────────────────────────────
const problems = [...form.querySelectorAll("[data-problem]")];
const add = document.querySelector("[data-add-problem]"), label = add.querySelector("span");
const begun = new Set(problems.filter((problem) => problem.open));

const tidy = () => {
  const next = problems.find((problem) => !begun.has(problem));
  problems.forEach((problem) => { problem.hidden = !begun.has(problem) && problem !== next; });
  add.hidden = !next;
  label.textContent = begun.size ? label.dataset.more : label.dataset.first;
};
const begin = (problem) => { begun.add(problem); tidy(); };

problems.forEach((problem) => {
  const clear = $("[data-clear-problem]", problem);
  clear.hidden = false;
  problem.addEventListener("toggle", () => { if (problem.open) begin(problem); });
  clear.addEventListener("click", () => {
    problem.querySelectorAll("input[type=text],textarea").forEach((field) => { field.value = ""; });
    problem.querySelectorAll("input[type=radio]").forEach((field) => { field.checked = field.name.endsWith("kind") ? field.value === "help" : field.value === "normal"; });
    $("[data-photos]", problem)?.dispatchEvent(new CustomEvent("photos:clear"));
    problem.open = false;
    begun.delete(problem);
    tidy();
    add.focus();
  });
});
add.addEventListener("click", () => {
  const next = problems.find((problem) => !begun.has(problem));
  if (!next) return;
  next.hidden = false;
  next.open = true;
  begin(next);
  next.scrollIntoView({ block: "start" });
  $("summary", next).focus({ preventScroll: true });
});
tidy();
// Whether anything was said in a problem.
const isTold = (problem) => Boolean(problem.querySelector(".shot:not(.add)") || [...problem.querySelectorAll("input[type=text],textarea,input[name$=category_id]:checked")].some((field) => field.value));
// A draft came back into the form: its problems show.
form.addEventListener("draft:restored", () => {
  problems.forEach((problem) => {
    if (isTold(problem)) { problem.open = true; begin(problem); }
  });
});

// ── The forecast: the server's word on what kind, urgency and text lead to. The chip's own line is there meanwhile ──
const timers = new WeakMap();

const foresee = async (problem) => {
  const chosen = $("input[type=radio][name$=category_id]:checked", problem);
  if (!chosen || !form.dataset.forecastUrl) return;
  const value = (name) => form.elements[chosen.name.replace("category_id", name)]?.value ?? ""; // the office may have hidden it
  const body = new URLSearchParams({ firm_id: form.elements.firm_id.value, category_id: chosen.value });
  ["kind", "urgency", "title", "description"].forEach((name) => body.set(name, value(name)));
  try {
    const answer = await fetch(form.dataset.forecastUrl, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".forecast");
    const line = chosen.nextElementSibling.nextElementSibling;
    if (fresh && chosen.checked && line.textContent !== fresh.textContent) line.replaceWith(fresh);
  } catch { /* no network: the chip's own line stands */ }
};
const soon = (event) => {
  const problem = event.target.closest("[data-problem]");
  if (!problem || event.target.type === "file") return;
  clearTimeout(timers.get(problem));
  timers.set(problem, setTimeout(foresee, 400, problem));
};
form.addEventListener("input", soon);

// ── One tap, one send: the button stands outside of the form, in the bar below ─────────────────────────────────────
const send = document.querySelector("button[form=visit-form]");
export const rest = (isBusy) => { send.disabled = isBusy; if (isBusy) send.setAttribute("aria-busy", "true"); else send.removeAttribute("aria-busy"); };
// Before it goes anywhere: what the office says must be answered, in problems only those begun. What is frozen already is
// never asked again.
form.addEventListener("submit", (event) => {
  const boxes = [...form.querySelectorAll("[data-needed]")].filter((box) => {
    const fields = [...box.querySelectorAll("input,textarea")], problem = box.closest("[data-problem]");
    const is = (problem && !isTold(problem)) || fields.some((field) => /radio|checkbox/.test(field.type) ? field.checked : field.value.trim());
    $("[role=alert]", box).hidden = is;
    return !is;
  });
  if (!boxes.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  boxes[0].closest("details")?.setAttribute("open", "");
  boxes[0].scrollIntoView({ block: "center" });
  $("input,textarea", boxes[0]).focus({ preventScroll: true });
});
form.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  setTimeout(rest, 0, true);
  setTimeout(rest, 20000, false); // a slow network: she may try again, and it will still be one visit
});
addEventListener("pageshow", () => rest(false));
