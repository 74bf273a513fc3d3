// The phone's outbox: what is recorded goes into IndexedDB first, and leaves it only on a receipt that names it.
// A plain script, since pages and the service worker share it. Without what it needs (an old browser, plain http) `able` is
// false, and everything works online as plain forms.
(() => {
  "use strict";
  const inPage = typeof document !== "undefined", root = self;
  const account = inPage ? document.body.dataset.keptFor : "";
  const able = Boolean(root.isSecureContext && root.indexedDB && root.crypto?.subtle && (!inPage || "serviceWorker" in navigator));

  // ── The store: queue (what is to be sent), blobs (its photos), drafts ─────────────────────────────────────────────
  let opened;
  const open = () => opened ||= new Promise((resolve, reject) => {
    const request = indexedDB.open("qifang", 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("queue", { keyPath: "client_key" });
      db.createObjectStore("drafts", { keyPath: "id" });
      db.createObjectStore("blobs", { keyPath: "key" }).createIndex("item", "item");
    };
    request.onsuccess = () => { request.result.onversionchange = () => { request.result.close(); opened = null; }; resolve(request.result); };
    request.onerror = () => { opened = null; reject(request.error); };
  });
  const ask = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
  // All of `work` or nothing of it, on disk before it counts.
  const change = async (names, work, mode = "readwrite") => {
    const t = (await open()).transaction(names, mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => { t.oncomplete = resolve; t.onabort = () => reject(t.error || new Error("aborted")); }); // why is known only then
    done.catch(() => 0);
    let result;
    try { result = await work(...names.map((name) => t.objectStore(name))); } catch (error) { try { t.abort(); } catch { /* it is over */ } throw error; }
    await done;
    return result;
  };
  const items = async () => (await change(["queue"], (queue) => ask(queue.getAll()), "readonly")).sort((a, b) => a.created_at - b.created_at);
  const find = (key) => change(["queue"], (queue) => ask(queue.get(key)), "readonly");
  // A photo lies there as its bytes: WebKit keeps no Blob where a window is private. Those of older pages are Blobs.
  const packed = (photos) => Promise.all(photos.map(async ({ blob, ...rest }) => ({ ...rest, type: blob.type, bytes: await blob.arrayBuffer() })));
  const photosOf = async (key) => (await change(["blobs"], (blobs) => ask(blobs.index("item").getAll(key)), "readonly"))
    .map(({ bytes, type, blob = new Blob([bytes], { type }), ...rest }) => ({ ...rest, blob }));
  const update = (key, values) => change(["queue"], async (queue) => {
    const item = await ask(queue.get(key));
    if (item) { Object.assign(item, values); queue.put(item); }
    return item;
  });
  const clear = async (blobs, key) => { for (const each of await ask(blobs.index("item").getAllKeys(key))) blobs.delete(each); };
  const remove = (key) => change(["queue", "blobs"], async (queue, blobs) => { queue.delete(key); await clear(blobs, key); });

  const channel = root.BroadcastChannel ? new BroadcastChannel("qifang") : null;
  const heard = (detail) => root.dispatchEvent(new CustomEvent("outbox:changed", { detail }));
  const tell = (detail = {}) => { channel?.postMessage(detail); heard(detail); };
  if (channel) channel.onmessage = (event) => heard(event.data);

  // ── Sending: text before photos, small photos first ───────────────────────────────────────────────────────────────
  let lost = 0; // how many sendings in a row nothing came back of
  const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
  const put = async (item, url, body, type) => {
    // A photo over GPRS moves at 2 KB/s and may take its time; what does not move at all must not hold up the others.
    const control = new AbortController(), timer = setTimeout(() => control.abort(), 30000 + (body.size || body.length) / 2);
    try {
      const answer = await fetch(url, { method: "PUT", body, redirect: "error", cache: "no-store", credentials: "same-origin", signal: control.signal,
        headers: { "Content-Type": type, "X-Qifang-Account": item.account } });
      const busy = answer.status === 429 || answer.status >= 500, json = await answer.json().catch(() => ({}));
      if (busy) return { status: answer.status, json, after: answer.headers.get("Retry-After") }; // whoever says so, nothing is lost by waiting
      // Only an answer of ours that names the key counts: a hotel's sign-in page is no receipt.
      if (answer.ok ? json.status === "stored" && json.client_key === item.client_key : json.key === url.split("?")[0].split("/").pop()) { lost = 0; return { status: answer.status, json }; }
    } catch { /* no network, or not our JSON */ } finally { clearTimeout(timer); }
    return { status: 0, json: {} };
  };
  // When a server that is too busy wants to hear of us again: seconds or a date, at most an hour on (a phone's clock may be wrong).
  const HOUR = 3600000;
  const dueAt = (after) => Date.now() + Math.min(HOUR, Math.max(0, /^\d+$/.test(after) ? after * 1000 : Date.parse(after) - Date.now()) || 0);
  const rest = ({ not_before: due }) => { const left = (due || 0) - Date.now(); return left > 0 && left <= HOUR ? left : 0; };
  const LATER = "later", HELD = "held", NEXT = "next";
  const settle = async (item, { status, json, after }) => {
    if (status === 401 || status === 403) { await update(item.client_key, { why: status }); return HELD; }
    if (status === 0 || status === 429 || status >= 500) {
      await update(item.client_key, { why: status, tries: (item.tries || 0) + 1, not_before: after ? dueAt(after) : 0 });
      tell();
      return after || status === 429 ? HELD : status ? NEXT : LATER;
    }
    const state = status === 404 || status === 409 ? "conflict" : "refused";
    await update(item.client_key, { state, message: json.message || "", fields: json.fields || {}, url: json.url || item.url });
    tell({ key: item.client_key, state });
    return NEXT;
  };
  const finish = async (item, url) => { await remove(item.client_key); tell({ key: item.client_key, state: "done", url }); return "done"; };

  const sendRecord = async (item) => {
    const answer = await put(item, `/outbox/${item.kind}s/${item.client_key}`, JSON.stringify(item.body), "application/json");
    if (answer.status !== 200) return settle(item, answer);
    const photos = answer.json.photos || { have: [], missing: [] };
    if (!photos.missing.length) return finish(item, answer.json.url);
    Object.assign(item, await update(item.client_key, { stored: true, have: photos.have, url: answer.json.url, why: 0, tries: 0 }));
    tell({ key: item.client_key, state: "waiting" });
    return "stored";
  };
  const sendPhotos = async (item) => {
    const held = (await photosOf(item.client_key)).filter(({ key }) => !item.have.includes(key)).sort((a, b) => a.blob.size - b.blob.size);
    let refused = "";
    for (const { key, blob } of held) {
      const answer = await put(item, `/outbox/photos/${key}?record=${item.client_key}`, blob, blob.type.startsWith("image/") ? blob.type : "application/octet-stream");
      if (answer.status === 200) {
        item.have = answer.json.photos.have;
        if (!answer.json.photos.missing.length) return finish(item, answer.json.url);
        await update(item.client_key, { have: item.have, why: 0, tries: 0 });
        tell({ key: item.client_key, state: "waiting" });
      } else if (answer.status === 404 && (item.again || 0) < 3) { // the server lost the record, or never had it: text first
        await update(item.client_key, { stored: false, again: (item.again || 0) + 1 });
        return LATER;
      } else if (answer.status === 422 && answer.json.fields?.sha256 && (item.again || 0) < 8) { // damaged on the way
        await update(item.client_key, { again: (item.again || 0) + 1 });
        return LATER;
      } else if ([413, 415, 422].includes(answer.status)) {
        refused = Object.values(answer.json.fields || {})[0] || answer.json.message;
        await update(item.client_key, { bad: [...(item.bad || []), key] });
      } else return settle(item, answer);
    }
    if (!refused) return LATER;
    await update(item.client_key, { state: "refused", message: refused, fields: {} });
    tell({ key: item.client_key, state: "refused" });
    return NEXT;
  };

  // Round after round, all texts before any photo: what a bad network swallowed is tried again in the next one, without a pause
  // for each. Only where one after another is lost it waits a moment, and gives up when even that does not help.
  const PAUSES = [0, 0, 50, 200, 600, 2000];
  const run = async () => {
    const held = new Set((await items()).filter(rest).map((item) => item.account)), over = new Set();
    lost = 0;
    for (let again = true; again;) {
      again = false;
      for (const step of [sendRecord, sendPhotos]) {
        for (const { client_key } of await items()) {
          const item = await find(client_key), name = step.name + client_key;
          if (!item || item.state !== "waiting" || (account && item.account !== account) || held.has(item.account)) continue;
          if (over.has(name) || (step === sendRecord ? item.stored : !item.stored)) continue;
          const outcome = await step(item);
          if (outcome === HELD) held.add(item.account);
          if (outcome === NEXT) over.add(name); // the server's own trouble, or parked: not again in this run
          if (outcome !== LATER) continue;
          if (navigator.onLine === false || ++lost >= PAUSES.length) return;
          again = true;
          await wait(PAUSES[lost]);
        }
      }
    }
  };
  let pending, streak = 0, last = 0, timer;
  // One at a time for all tabs and the worker. What is left waiting is tried again, at first soon, then ever more rarely.
  const drain = () => pending ||= (async () => {
    try { await (navigator.locks ? navigator.locks.request("qifang-outbox", run) : run()); } finally { pending = null; }
    const waiting = (await items()).filter((item) => item.state === "waiting"), left = waiting.length;
    streak = left ? (left < last ? 1 : streak + 1) : 0;
    last = left;
    clearTimeout(timer);
    if (left && inPage) timer = setTimeout(() => drain().catch(() => 0), Math.max(Math.min(2000 * 2 ** streak, 300000) * (0.75 + Math.random() / 2), ...waiting.map(rest)));
    tell();
    return left;
  })();

  // A UUID of version 7: milliseconds since 1970 in front (randomUUID is missing on some phones).
  const uuid = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16)), now = Date.now();
    for (let nth = 0; nth < 6; nth++) bytes[nth] = Math.floor(now / 256 ** (5 - nth)) % 256;
    bytes[6] = 0x70 | bytes[6] & 15;
    bytes[8] = 0x80 | bytes[8] & 63;
    return [...bytes].map((byte, nth) => ([4, 6, 8, 10].includes(nth) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
  };
  const sha256 = async (blob) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  // Freeze a record: from here on it is kept until the server has it all. Its draft goes in the same step.
  const freeze = async (item, photos = [], draft = "") => {
    const blobs = await packed(photos);
    await change(["queue", "blobs", "drafts"], async (queue, store, drafts) => {
      await clear(store, item.client_key);
      blobs.forEach((each) => store.put(each));
      queue.put({ account, state: "waiting", stored: false, have: [], tries: 0, created_at: Date.now(), ...item });
      if (draft) drafts.delete(draft);
    });
    navigator.storage?.persist?.().catch(() => 0);
    navigator.serviceWorker.ready.then((worker) => worker.sync?.register("outbox")).catch(() => 0);
    tell({ key: item.client_key, state: "waiting" });
  };

  // Whether the server itself answers: a hotel's sign-in page does not count.
  const isReached = async () => {
    if (navigator.onLine === false) return false;
    const control = new AbortController(), timer = setTimeout(() => control.abort(), 3000);
    try { return (await (await fetch("/healthz", { cache: "no-store", signal: control.signal })).json()).status === "ok"; } catch { return false; } finally { clearTimeout(timer); }
  };
  // Whether a visit with its photos fits: tried, since browsers tell a made-up figure of what is free.
  const PROBE = 3e6;
  const hasRoom = async () => {
    const takeAway = () => change(["blobs"], (blobs) => { blobs.delete("probe"); });
    try {
      await takeAway(); // of a browser that was killed while it tried: it would take the room of what she records
      const bytes = new Uint8Array(PROBE); // like a photo's: nothing a browser could make smaller
      for (let at = 0; at < PROBE; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
      await change(["blobs"], (blobs) => { blobs.put({ key: "probe", item: "probe", bytes: bytes.buffer }); });
      await takeAway();
      return true;
    } catch (error) { return error.name !== "QuotaExceededError"; }
  };
  root.outbox = { able, account, ask, change, clear, items, find, packed, photosOf, update, remove, drain, freeze, tell, uuid, sha256, wait, isReached, hasRoom };
  if (!inPage) return;

  // ── On a page: the strip, the worker, when to try ────────────────────────────────────────────────────────────────
  const strip = document.querySelector("#outbox-strip");
  const show = async () => {
    const mine = (await items()).filter((item) => item.account === account), parked = mine.filter((item) => item.state !== "waiting").length;
    if (strip) {
      strip.hidden = !mine.length;
      const say = strip.dataset, isOut = mine.some(({ why }) => why === 401 || why === 403), busy = mine.some(({ why }) => why >= 429);
      const words = parked ? say.sayParked : navigator.onLine === false ? say.sayOffline : isOut ? say.saySignedOut : busy ? say.sayBusy : say.sayWaiting;
      strip.querySelector("b").textContent = words.replace("{n}", parked || mine.length);
    }
    return mine;
  };
  if (!able || !account) return; // unable.js says so
  const go = () => drain().catch(() => 0);
  addEventListener("outbox:changed", () => show().catch(() => 0));
  addEventListener("online", go);
  addEventListener("offline", () => show().catch(() => 0));
  addEventListener("visibilitychange", () => { if (!document.hidden) go(); });
  show().then((mine) => mine.length && go()).catch(() => 0);

  const letGo = async (worker) => { if (worker.waiting && !(await items()).length) worker.waiting.postMessage("go"); };
  navigator.serviceWorker.register("/sw.js").then(async (worker) => {
    letGo(worker).catch(() => 0);
    addEventListener("outbox:changed", () => letGo(worker).catch(() => 0));
    await navigator.serviceWorker.ready;
    setTimeout(() => worker.active?.postMessage("keep"), document.body.dataset.kept === undefined ? 1500 : 60000);
  }).catch(() => 0);
})();
