// The visit form's draft and its way into the outbox. The draft is born with its key when the form opens, saves itself as one
// types, photos included, and is found again after a killed browser. Where anything of this fails the plain form is sent.
import { rest } from "./visit.js";

const box = self.outbox, form = document.querySelector("#visit-form"), said = form.dataset;
const state = document.querySelector("#draft-state"), note = document.querySelector("#draft-note");
const firm = form.elements.firm_id.value, id = `${box?.account}:${firm}`;
let editing = /^#edit=([0-9a-f-]{36})$/.exec(location.hash)?.[1];
const hashes = new WeakMap(), keys = {}; // photos: file → its hash, what it is → its key
let key = form.elements.client_key.value, over = false, timer, saving = Promise.resolve(), onDisk = new Set();

const hash = async (file) => { if (!hashes.has(file)) hashes.set(file, await box.sha256(file)); return hashes.get(file); };
const clock = () => new Date().toTimeString().slice(0, 5);

// What the form holds: texts by name, and its photos with their hashes.
const collect = async () => {
  const fields = {}, photos = [], blobs = [], seen = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") { (fields[name] ||= []).push(value); continue; }
    if (!value.size) continue;
    const sha256 = await hash(value), what = name + sha256;
    seen[what] = (seen[what] || 0) + 1;
    const photo = keys[what + seen[what]] ||= box.uuid();
    photos.push({ key: photo, field: name, sha256, size: value.size, name: value.name });
    blobs.push({ key: photo, item: key, blob: value });
  }
  delete fields.client_key;
  return { fields, photos, blobs };
};

const save = async () => {
  if (over || editing) return; // a record that is being put right is kept as it is until it is sent anew
  const { fields, photos, blobs } = await collect(), fresh = await box.packed(blobs.filter((each) => !onDisk.has(each.key)));
  if (over) return;
  await box.change(["drafts", "blobs"], async (drafts, store) => {
    const wanted = new Set(blobs.map((each) => each.key));
    for (const each of await box.ask(store.index("item").getAllKeys(key))) if (!wanted.has(each)) store.delete(each);
    fresh.forEach((each) => store.put(each));
    drafts.put({ id, account: box.account, client_key: key, firm, title: said.title, fields, photos, saved_at: Date.now() });
    onDisk = wanted;
  });
  state.textContent = said.sayDraft.replace("{time}", clock());
};
const saveNow = () => saving = saving.then(save).catch((error) => { state.textContent = error.name === "QuotaExceededError" ? said.sayFull : said.sayUnsaved; });
const soon = () => { clearTimeout(timer); timer = setTimeout(saveNow, 400); };

const touched = new Set(["client_key", "firm_id"]); // what she typed before the draft was back stands

const fill = ({ fields, photos }, blobs) => {
  for (const field of form.elements) {
    if (!field.name || touched.has(field.name) || field.type === "file") continue;
    const values = fields[field.name] || [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else field.value = values[0] || "";
  }
  // Answered to a question that the page asks no more: kept all the same.
  for (const [name, [value]] of Object.entries(fields)) {
    if (!name.startsWith("answers-") || form.elements[name]) continue;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  const found = new Map(blobs.map((each) => [each.key, each.blob])), byField = {}, seen = {};
  for (const { key: photo, field, sha256, name } of photos) {
    if (!found.has(photo)) continue;
    const file = new File([found.get(photo)], name || "photo.jpg", { type: found.get(photo).type });
    hashes.set(file, sha256);
    seen[field + sha256] = (seen[field + sha256] || 0) + 1;
    keys[field + sha256 + seen[field + sha256]] = photo;
    (byField[field] ||= []).push(file);
  }
  for (const [field, files] of Object.entries(byField)) form.elements[field]?.closest("[data-photos]")?.dispatchEvent(new CustomEvent("photos:restore", { detail: files }));
  form.dispatchEvent(new CustomEvent("draft:restored"));
};

const lines = new Set();
const tellNote = (text, canDrop = false) => {
  lines.add(text);
  note.hidden = false;
  note.querySelector("b").textContent = [...lines].join(" ");
  if (canDrop) note.querySelector("button").hidden = false;
};

// The draft of this firm, or a new one: in one step, so that two tabs get the same key.
const begin = async () => {
  const isBack = Boolean(form.querySelector(".errors")); // the plain form came back with something to change: it knows best
  if (editing) {
    const item = await box.find(editing);
    if (item && item.account === box.account && item.state !== "waiting") {
      const blobs = await box.photosOf(editing);
      // What is stored under the old key stays as it is: other words need another key.
      key = item.state === "conflict" || item.stored ? box.uuid() : editing;
      form.elements.client_key.value = key;
      fill({ fields: item.body.record, photos: item.body.photos }, blobs);
      if (key !== editing) Object.keys(keys).forEach((each) => { delete keys[each]; });
      tellNote(item.message);
      return;
    }
  }
  const draft = await box.change(["drafts"], async (drafts) => {
    const held = await box.ask(drafts.get(id));
    if (held && !isBack) return held;
    const fresh = { id, account: box.account, client_key: isBack ? key : box.uuid(), firm, title: said.title, fields: null, photos: [], saved_at: Date.now() };
    drafts.put(fresh);
    return fresh;
  });
  key = form.elements.client_key.value = draft.client_key;
  if (draft.fields) {
    fill(draft, await box.photosOf(key));
    onDisk = new Set(draft.photos.map((each) => each.key));
    tellNote(said.sayRestored.replace("{time}", new Date(draft.saved_at).toTimeString().slice(0, 5)), true);
  } else if (document.body.dataset.kept !== undefined) form.elements.visited_at.value = new Date(Date.now() + 288e5).toISOString().slice(0, 16); // the page is old, the visit is now
};

const errors = (message, fields, url) => {
  form.querySelector(".errors")?.remove();
  const list = document.createElement("div"), head = document.createElement(url ? "a" : "b"), lines = document.createElement("ul");
  list.className = "errors"; list.setAttribute("role", "alert"); list.tabIndex = -1;
  head.textContent = message;
  if (url) head.href = url; // what is stored instead
  for (const [name, text] of Object.entries(fields || {})) {
    const line = document.createElement("li"), link = document.createElement("a");
    link.href = "#" + name; link.textContent = text;
    line.append(link); lines.append(line);
  }
  list.append(head, lines);
  form.prepend(list);
  list.focus();
};

const send = async () => {
  clearTimeout(timer);
  await saving;
  const { fields, photos, blobs } = await collect();
  if (await box.find(key) && key !== editing) { over = true; return tellNote(said.sayOther); } // another tab has sent it
  over = true;
  try {
    await box.freeze({
      client_key: key, kind: "visit", title: said.title, edit: `${location.pathname}?firm_id=${firm}#edit=${key}`,
      photos: photos.map((each) => ({ key: each.key, size: each.size })),
      body: { schema: 1, record: fields, photos: photos.map(({ key: photo, field, sha256 }) => ({ key: photo, field, sha256 })) },
    }, blobs, id);
    if (editing && editing !== key) await box.remove(editing);
  } catch (error) { // not kept: then at least sent, as without any of this
    over = false;
    if (await box.isReached()) return HTMLFormElement.prototype.submit.call(form);
    rest(false);
    return tellNote(error.name === "QuotaExceededError" ? said.sayFull : said.sayUnsaved);
  }
  if (navigator.onLine === false) return location.assign("/");
  state.textContent = said.saySending;
  let last = Date.now(), end;
  const watch = ({ detail }) => {
    if (detail?.key !== key) return;
    last = Date.now();
    if (detail.state !== "waiting") end = detail;
  };
  addEventListener("outbox:changed", watch);
  box.drain().catch(() => 0);
  for (const begun = Date.now(); !end && Date.now() - last < 8000 && Date.now() - begun < 60000 && navigator.onLine !== false;) await box.wait(50);
  removeEventListener("outbox:changed", watch);
  if (end?.state === "done") return location.assign(end.url);
  if (!end) return location.assign("/"); // it goes on from there
  const item = await box.find(key); // refused: right here is where it can be put right
  rest(false);
  over = item.state === "conflict" || item.stored;
  if (!over) location.hash = "edit=" + (editing = key);
  errors(item.message, item.fields, item.state === "conflict" && item.url);
  return undefined;
};

if (box?.able && box.account) {
  let isReady = false, isSending = false;
  const ready = begin().then(() => { isReady = true; if (touched.size > 2) soon(); }).catch(() => 0);
  const changed = ({ target }) => { if (isReady) soon(); else if (target.name) touched.add(target.name); };
  ["input", "change", "photos:changed"].forEach((name) => form.addEventListener(name, changed));
  document.addEventListener("visibilitychange", () => { if (document.hidden && isReady && timer) saveNow(); });
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    await ready;
    if (isReady) await send().catch(() => HTMLFormElement.prototype.submit.call(form));
    else if (await box.isReached()) HTMLFormElement.prototype.submit.call(form);
    else { tellNote(said.sayUnsaved); setTimeout(rest, 0, false); } // neither sent nor kept: it stays in front of her
    isSending = false;
  });
  note.querySelector("button").addEventListener("click", async () => {
    over = true;
    await box.change(["drafts", "blobs"], async (drafts, blobs) => { drafts.delete(id); await box.clear(blobs, key); });
    location.reload();
  });
  addEventListener("outbox:changed", ({ detail }) => { // sent from another tab: this one must not raise it from the dead
    if (detail?.key === key && !isSending && !over) { over = true; rest(true); tellNote(said.sayOther); }
  });
  // Two tabs on one draft: the later one is told.
  navigator.locks?.request("draft:" + id, { ifAvailable: true }, (lock) => {
    if (!lock) return tellNote(said.sayTwo);
    return new Promise(() => 0);
  });
  ready.then(() => box.hasRoom()).then((has) => { if (!has) tellNote(said.sayFull); }).catch(() => 0);
}
