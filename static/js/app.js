// Small helps on every page. Nothing here is needed to get work done: each form and link works without it.
(() => {
  "use strict";
  const say = (name) => document.body.dataset["say" + name] || "";
  const $ = (selector) => document.querySelector(selector);

  // No network: say so; the outbox goes on working.
  const network = () => {
    const note = $("#offline"), kept = document.body.dataset.kept !== undefined;
    if (!note) return;
    note.hidden = navigator.onLine !== false && !kept;
    if (kept) note.querySelector("b").textContent = say("Kept"); // the phone's own copy of a page
  };
  addEventListener("online", network);
  addEventListener("offline", network);
  network();

  // A line in the live region, made like the server's own.
  const message = (text, tone) => {
    const region = $("#messages");
    if (!region || !text) return;
    const note = document.createElement("div"), words = document.createElement("b"), shut = document.createElement("button");
    note.className = "note " + tone;
    words.textContent = text;
    shut.type = "button"; shut.className = "shut"; shut.dataset.shut = ""; shut.textContent = "×";
    shut.setAttribute("aria-label", say("Shut"));
    note.append(words, shut);
    region.replaceChildren(note);
  };
  addEventListener("app:say", ({ detail }) => message(detail.text, detail.tone)); // from the other scripts
  addEventListener("htmx:sendError", () => message(say("Lost"), "red"));
  addEventListener("htmx:timeout", () => message(say("Slow"), "red"));
  addEventListener("htmx:responseError", (event) => {
    const code = event.detail.xhr.status;
    if (code !== 401) message(say("Wrong") + " (" + code + ")", "red");
  });

  // What a screen reader should say first: the form's errors, else the lines that the page opens with (a live region speaks
  // only of what comes into it later).
  const errors = $(".errors"), told = $("#messages")?.textContent.trim();
  if (errors) errors.focus();
  else if (told) {
    const voice = document.createElement("p");
    voice.className = "sr-only"; voice.setAttribute("role", "status");
    document.body.append(voice);
    setTimeout(() => { voice.textContent = told; }, 300);
  }
  // Nobody's place is lost when htmx swaps away what had the focus: what came instead has it.
  let place = "";
  addEventListener("htmx:beforeRequest", (event) => { // asked now: a button that rests meanwhile loses the focus by itself
    place = event.detail.target.contains(document.activeElement) ? event.detail.target.id : "";
  });
  addEventListener("htmx:afterSettle", () => {
    const piece = place && document.getElementById(place), at = document.activeElement;
    place = "";
    if (!piece || (at && at !== document.body)) return;
    const first = piece.querySelector(".errors") || piece;
    first.tabIndex = -1;
    first.focus();
  });

  // One tap, one send: a plain form's buttons rest until the next page, or ten seconds for a download.
  const rest = (form, on) => form.querySelectorAll("button:not([type=button]),input[type=submit]").forEach((button) => {
    button.disabled = on;
    if (on) button.setAttribute("aria-busy", "true"); else button.removeAttribute("aria-busy");
  });
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.target === "_blank" || form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
    setTimeout(() => rest(form, true));
    setTimeout(() => rest(form, false), 10000);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("form").forEach((form) => rest(form, false)); });

  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* plain http: the old way */ }
    const area = document.createElement("textarea");
    area.value = text; area.className = "sr-only"; area.readOnly = true;
    document.body.append(area); area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const closeMenus = (except) => document.querySelectorAll("details.more[open]").forEach((menu) => { if (!menu.contains(except)) menu.open = false; });

  addEventListener("click", async (event) => {
    closeMenus(event.target);
    const shut = event.target.closest("[data-shut]");
    if (shut) return shut.closest(".note").remove();
    const button = event.target.closest("[data-copy]");
    if (!button || button.dataset.was) return;
    const label = button.querySelector("span") || button;
    if (!await copy(button.dataset.copy)) return;
    button.dataset.was = label.textContent;
    label.textContent = say("Copied");
    setTimeout(() => { label.textContent = button.dataset.was; delete button.dataset.was; }, 2000);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.more[open]") || $("details.more[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // Where the page scrolls inside its frame (app.css) browsers forget how far: whoever goes back is where she was, the keys
  // that scroll do so at once, and Tab stops at a page in which it would stop nowhere.
  const main = $("main"), step = "top " + (self.navigation?.currentEntry?.key || location.pathname);
  if (/^(back|reload)/.test(performance.getEntriesByType("navigation")[0]?.type)) main.scrollTop = sessionStorage.getItem(step) || 0;
  let far = main.scrollTop; // noted on the way: a page that is left has no lengths any more
  main.addEventListener("scroll", () => { far = main.scrollTop; }, { passive: true });
  addEventListener("pagehide", () => sessionStorage.setItem(step, far));
  if (!main.querySelector("a[href],button,input:not([type=hidden]),select,textarea,summary")) main.tabIndex = 0;
  addEventListener("keydown", (event) => {
    if (event.target === document.body && /^(Page|Arrow)(Up|Down)$|^(Home|End| )$/.test(event.key)) main.focus({ preventScroll: true });
  });
})();
