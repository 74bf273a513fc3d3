// The outbox on one's own page: every record with its photos' progress, what was refused and why, sending now, and rescue as a ZIP.
const box = self.outbox, card = document.querySelector("#outbox"), say = card.dataset;
const $ = (selector) => card.querySelector(selector);
const list = $("[data-list]"), none = list.firstElementChild;

const element = (name, className, text) => { const made = document.createElement(name); made.className = className || ""; if (text) made.textContent = text; return made; };
const button = (text, work, className = "btn s") => { const made = element("button", className, text); made.type = "button"; made.addEventListener("click", work); return made; };
const age = (ms) => {
  const minutes = Math.max(1, Math.round(ms / 60000));
  return minutes < 60 ? say.sayMinutes.replace("{n}", minutes) : minutes < 2880 ? say.sayHours.replace("{n}", Math.round(minutes / 60)) : say.sayDays.replace("{n}", Math.round(minutes / 1440));
};
const progress = (item) => {
  if (item.state !== "waiting") return item.state === "conflict" ? say.sayConflict : say.sayRefused;
  const waits = [401, 403].includes(item.why) ? say.saySignedOut : item.why >= 500 || item.why === 429 ? say.sayServer : item.tries ? say.sayLost : "";
  if (!item.stored) return waits || say.sayWaiting;
  return `${say.sayPhotos.replace("{have}", item.have.length).replace("{all}", item.photos.length)} · ${waits || say.sayText}`;
};

const row = (item) => {
  const line = element("div", "row"), about = element("div"), parked = item.state !== "waiting";
  about.append(element("strong", "", item.title), element("p", parked ? "small text-red" : "small", progress(item)));
  if (parked) {
    if (item.message) about.append(element("p", "small", item.message));
    for (const text of Object.values(item.fields || {})) about.append(element("p", "small", text));
    const typed = item.kind === "move" && Object.values(item.body.fields).flat().join(" ");
    if (typed) about.append(element("p", "small pre", say.sayTyped + typed));
    const tools = element("div", "inline");
    if (item.state === "conflict" && item.url) { const link = element("a", "btn s", say.sayStored); link.href = item.url; tools.append(link); }
    if (item.edit && !item.stored) { const link = element("a", "btn s", say.sayEdit); link.href = item.edit; tools.append(link); }
    if (item.stored && item.bad?.length) tools.append(button(say.sayWithout, async () => {
      const left = item.photos.filter(({ key }) => !item.bad.includes(key));
      if (left.every(({ key }) => item.have.includes(key))) await box.remove(item.client_key);
      else await box.change(["queue", "blobs"], (queue, blobs) => { item.bad.forEach((key) => blobs.delete(key)); queue.put({ ...item, photos: left, bad: [], state: "waiting" }); });
      box.tell();
      box.drain().catch(() => 0);
    }));
    tools.append(button(say.sayDelete, async () => { if (confirm(say.saySure)) { await box.remove(item.client_key); box.tell(); } }, "btn s quiet"));
    about.append(tools);
  } else if (item.photos.length) {
    const bar = document.createElement("progress");
    bar.max = item.photos.length; bar.value = item.have.length; bar.setAttribute("aria-label", progress(item));
    about.append(bar);
  }
  line.append(about);
  return line;
};

const draftRow = (draft) => {
  const line = element("a", "row"), about = element("div");
  line.href = `/visits/new?firm_id=${draft.firm}`;
  about.append(element("strong", "", draft.title), element("p", "small", say.sayDraft.replace("{time}", new Date(draft.saved_at).toTimeString().slice(0, 5))));
  line.append(about);
  return line;
};

const show = async () => {
  const mine = (await box.items()).filter((item) => item.account === box.account);
  const drafts = (await box.change(["drafts"], (store) => box.ask(store.getAll()), "readonly")).filter((each) => each.account === box.account && each.fields);
  list.replaceChildren(...(mine.length || drafts.length ? [...mine.map(row), ...drafts.map(draftRow)] : [none]));
  $("[data-count]").textContent = mine.length || "";
  $("[data-tools]").hidden = !mine.length;
  $("[data-age]").hidden = !mine.length;
  if (mine.length) $("[data-age]").textContent = say.sayOldest.replace("{age}", age(Date.now() - mine[0].created_at));
};

// ── A ZIP without compression (photos are packed already), of our own: record.json and photos/<key>.jpg ─────────────
const TABLE = new Uint32Array(256).map((_zero, n) => { for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xEDB88320 ^ n >>> 1 : n >>> 1; return n; });
const crc = (bytes) => { let sum = ~0; for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255] ^ sum >>> 8; return ~sum >>> 0; };
const zip = async (files) => {
  const parts = [], central = [];
  let at = 0;
  const header = (signature, fields) => {
    const view = new DataView(new ArrayBuffer(4 + fields.reduce((sum, [size]) => sum + size, 0)));
    let offset = 4;
    view.setUint32(0, signature, true);
    for (const [size, value] of fields) { if (size === 2) view.setUint16(offset, value, true); else view.setUint32(offset, value, true); offset += size; }
    return view.buffer;
  };
  for (const [name, blob] of files) {
    const bytes = new Uint8Array(await blob.arrayBuffer()), path = new TextEncoder().encode(name);
    const common = [[2, 20], [2, 0x0800], [2, 0], [2, 0], [2, 0x5b77], [4, crc(bytes)], [4, bytes.length], [4, bytes.length], [2, path.length], [2, 0]];
    parts.push(header(0x04034b50, common), path, bytes);
    central.push(header(0x02014b50, [[2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), path);
    at += 30 + path.length + bytes.length;
  }
  const size = central.reduce((sum, part) => sum + part.byteLength, 0);
  return new Blob([...parts, ...central, header(0x06054b50, [[2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, at], [2, 0]])], { type: "application/zip" });
};

const rescue = async () => {
  const mine = (await box.items()).filter((item) => item.account === box.account), photos = [];
  for (const item of mine) for (const { key, blob } of await box.photosOf(item.client_key)) photos.push([`photos/${key}.jpg`, blob]);
  const records = mine.map(({ client_key, kind, title, body, created_at }) => ({ client_key, kind, title, created_at, ...body }));
  const file = await zip([["record.json", new Blob([JSON.stringify({ schema: 1, account: box.account, records }, null, 1)])], ...photos]);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `qifang-${new Date().toISOString().slice(0, 10)}.zip`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
};

if (box?.able) {
  addEventListener("outbox:changed", () => show().catch(() => 0));
  $("[data-send]").addEventListener("click", () => box.drain().catch(() => 0));
  $("[data-zip]").addEventListener("click", () => rescue().catch(() => 0));
  show().catch(() => 0);
}
