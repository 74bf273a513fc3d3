// The service worker. The release and the shell's files are written in by the server, so every release is a new worker.
// It keeps only pages that the server marked as an officer's own, in a cache named after the account.
"use strict";
const RELEASE = {{ release|tojson }}, FILES = {{ files|tojson }}, HEADER = {{ header|tojson }};
const SHELL = "shell-" + RELEASE, PAGES = "pages-", WAIT_MS = 3000, FRESH_MS = 20 * 60000, OLD_MS = 6 * 3600000;
const SEARCHES = /^\/(firms\/|visits\/new)(?!.*[?&]firm_id=)(\?|$)/; // lists of firms, however they were asked for
importScripts(FILES.find((file) => file.endsWith("/js/outbox.js")));

const waiting = async () => { try { return (await outbox.items()).length; } catch { return 1; } };
const keyOf = (url) => { const { pathname, search } = new URL(url); return pathname + search; };
const holders = async () => (await caches.keys()).filter((name) => name.startsWith(PAGES));
let age = 0; // goes up when pages are forgotten, so that a late answer is not kept

const forget = async () => { age++; await Promise.all((await holders()).map((name) => caches.delete(name))); };
const kept = async (key) => { for (const name of await holders()) { const found = await (await caches.open(name)).match(key); if (found) return found; } return undefined; };

const keep = async (key, answer) => {
  const path = key.split("?")[0], now = age;
  if (path === "/login" && answer.status === 200) return forget();
  if ([403, 404, 410].includes(answer.status)) { for (const name of await holders()) await (await caches.open(name)).delete(key); return undefined; }
  const account = answer.headers.get(HEADER);
  if (!account || answer.status !== 200 || answer.redirected) return undefined;
  const text = await answer.text();
  for (const name of await holders()) if (name !== PAGES + account) await caches.delete(name);
  const headers = new Headers(answer.headers);
  headers.delete("Vary");
  headers.set("X-Kept-At", String(Date.now()));
  headers.set("X-Release", /data-release="(\w+)"/.exec(text)?.[1] || "");
  if (now !== age) return undefined;
  await (await caches.open(PAGES + account)).put(key, new Response(text, { headers }));
  if (now !== age) return forget();
  return undefined;
};

const aged = async (answer) => new Response((await answer.text()).replace("<body ", "<body data-kept "), { headers: answer.headers });

const page = async (event) => {
  const key = keyOf(event.request.url);
  const fresh = fetch(event.request).then((answer) => {
    if (answer.type !== "opaqueredirect") event.waitUntil(keep(key, answer.clone()).catch(() => 0));
    return answer;
  });
  fresh.catch(() => 0);
  const old = await kept(key) || await kept(key.replace(/[?&]receipt=1$/, ""));
  if (!old) {
    try { return await fresh; } catch (error) {
      const instead = (SEARCHES.test(key) && await kept("/offline/firms")) || await kept("/offline");
      if (!instead) throw error;
      return aged(instead);
    }
  }
  event.waitUntil(fresh.catch(() => 0));
  const answer = await Promise.race([fresh.catch(() => null), outbox.wait(WAIT_MS)]);
  return answer && ![502, 503, 504].includes(answer.status) ? answer : aged(old);
};

// Her own pages, fetched one after another while there is a network.
const keepAll = async () => {
  const now = age, last = await kept("/offline");
  if (last && last.headers.get("X-Release") === RELEASE && Date.now() - last.headers.get("X-Kept-At") < FRESH_MS) return tidy();
  const answer = await fetch("/outbox/pages", { redirect: "error" });
  if (!answer.ok) return undefined;
  const { pages } = await answer.json();
  for (const key of [...pages.filter((each) => each !== "/offline"), "/offline"]) { // last: it says that the round was whole
    const old = await kept(key);
    if (old && key !== "/offline" && old.headers.get("X-Release") === RELEASE && Date.now() - old.headers.get("X-Kept-At") < OLD_MS) continue;
    if (now !== age) return undefined;
    await keep(key, await fetch(key, { redirect: "error" }));
  }
  return tidy();
};

// An old shell goes when nothing needs it any more: no kept page of its release, and nothing waiting to be sent.
const tidy = async () => {
  if (await waiting()) return;
  const needed = new Set([SHELL]);
  for (const name of await holders()) {
    const cache = await caches.open(name);
    for (const key of await cache.keys()) needed.add("shell-" + (await cache.match(key))?.headers.get("X-Release"));
  }
  if (self.registration.waiting || self.registration.installing) return;
  for (const name of await caches.keys()) if (name.startsWith("shell-") && !needed.has(name)) await caches.delete(name);
};

addEventListener("install", (event) => event.waitUntil((async () => {
  await (await caches.open(SHELL)).addAll(FILES);
  if (!await waiting()) await skipWaiting(); // else it waits for a page to say that the queue is empty
})()));
addEventListener("activate", (event) => event.waitUntil((async () => { await clients.claim(); await tidy(); })()));
addEventListener("message", (event) => {
  if (event.data === "go") event.waitUntil(waiting().then((count) => count || skipWaiting()));
  if (event.data === "keep") event.waitUntil(keepAll().catch(() => 0));
});
addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(outbox.drain().then((left) => { if (left) throw new Error("not all is sent"); }));
});
addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === "/logout") return event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) return event.respondWith(caches.match(request, { ignoreVary: true }).then((found) => found || fetch(request)));
  if (request.mode === "navigate") event.respondWith(page(event));
});
