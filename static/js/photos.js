// Photos in any form: each [data-photos] holds one file input. Chosen images are shrunk to 1,600 pixels before they are
// sent, add up over several picks (a camera gives one at a time), show as thumbs, and can be taken out again.
// Without scripts, or where a browser lacks a piece of this, the plain file input still sends what was chosen last.

const EDGE = 1600, QUALITY = 0.8;
// The page's own icon sprite, as its other icons name it.
const SPRITE = document.querySelector("use")?.getAttribute("href")?.split("#")[0];
const SVG = "http://www.w3.org/2000/svg";

const drawn = (bitmap, width, height) => {
  const canvas = window.OffscreenCanvas ? new OffscreenCanvas(width, height) : Object.assign(document.createElement("canvas"), { width, height });
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff"; // what is transparent becomes white, as on the server
  paper.fillRect(0, 0, width, height);
  paper.drawImage(bitmap, 0, 0, width, height);
  return canvas.convertToBlob
    ? canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY })
    : new Promise((resolve, reject) => canvas.toBlob((blob) => blob ? resolve(blob) : reject(new Error("no picture")), "image/jpeg", QUALITY));
};

// The same on a thread of its own, where the browser has one; rejects where it has none, cannot read the file, or takes too long.
const WORKER = new URL("shrink-worker.js", import.meta.url), SLOW_MS = 20000;
let worker, last = 0;
const aside = (file) => new Promise((resolve, reject) => {
  if (!window.Worker || !window.OffscreenCanvas || worker === null) return reject(new Error("no worker"));
  worker ||= new Worker(WORKER, { type: "module" });
  const nth = ++last, mine = worker, done = new AbortController(), { signal } = done;
  const end = (blob, isBroken) => {
    clearTimeout(timer);
    done.abort();
    if (isBroken) { mine.terminate(); worker = null; } // from now on without it
    if (blob) resolve(blob); else reject(new Error("no picture"));
  };
  const timer = setTimeout(() => end(null, true), SLOW_MS);
  mine.addEventListener("message", ({ data }) => { if (data.nth === nth) end(data.blob); }, { signal });
  mine.addEventListener("error", () => end(null, true), { signal });
  mine.postMessage({ nth, file });
  return undefined;
});

const here = async (file) => {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
  const blob = await drawn(bitmap, Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  bitmap.close();
  return blob;
};

// A JPEG of at most 1,600 pixels, upright and without the camera's notes; the file itself where the browser cannot read it
// (then the server tries, and says so in words if it cannot either).
const shrunk = async (file) => {
  try {
    const blob = await aside(file).catch(() => here(file));
    return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
  } catch {
    return file;
  }
};

const busy = new WeakMap(); // form → how many photos are being shrunk

const setUp = (box) => {
  const input = box.querySelector("input[type=file]"), tile = input?.closest(".add"), count = box.querySelector("[data-photos-count]");
  if (!input || !window.DataTransfer || !window.createImageBitmap) return;
  const most = Number(box.dataset.max) || 9, stored = box.querySelectorAll(".shot:not(.add)").length;
  const held = []; // { file, thumb }

  const store = () => {
    const files = new DataTransfer();
    held.forEach(({ file }) => files.items.add(file));
    input.files = files.files;
    if (count) count.textContent = `${stored + held.length}/${most}`;
    tile.hidden = stored + held.length >= most;
    box.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true }));
  };

  const thumbOf = (item, url) => {
    const shot = document.createElement("span"), image = document.createElement("img"), shut = document.createElement("button");
    shot.className = "shot";
    image.src = url; image.alt = item.file.name; image.width = image.height = 160;
    shut.type = "button"; shut.className = "shut"; shut.setAttribute("aria-label", `${box.dataset.sayRemove || "×"} ${item.file.name}`);
    if (SPRITE) {
      const icon = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
      icon.setAttribute("class", "icon"); icon.setAttribute("aria-hidden", "true");
      use.setAttribute("href", `${SPRITE}#i-x`);
      icon.append(use); shut.append(icon);
    } else shut.textContent = "×";
    shut.addEventListener("click", () => {
      held.splice(held.indexOf(item), 1);
      shot.remove();
      URL.revokeObjectURL(url);
      store();
      input.focus();
    });
    shot.append(image, shut);
    return shot;
  };

  input.addEventListener("change", async () => {
    const chosen = [...input.files].slice(0, most - stored - held.length);
    store(); // the input shows only what is ready; what was just chosen follows
    const form = input.form;
    busy.set(form, (busy.get(form) || 0) + 1);
    tile.setAttribute("aria-busy", "true");
    for (const original of chosen) { // one after another: a phone's memory holds one large picture, not nine
      const item = { file: await shrunk(original) };
      held.push(item);
      box.insertBefore(thumbOf(item, URL.createObjectURL(item.file)), tile);
      store();
    }
    tile.removeAttribute("aria-busy");
    busy.set(form, busy.get(form) - 1);
    form?.dispatchEvent(new CustomEvent("photos:ready"));
  });

  // What a draft brings back: already shrunk once.
  box.addEventListener("photos:restore", ({ detail }) => {
    for (const file of detail.slice(0, most - stored - held.length)) {
      const item = { file };
      held.push(item);
      box.insertBefore(thumbOf(item, URL.createObjectURL(file)), tile);
    }
    store();
  });
  box.addEventListener("photos:clear", () => {
    held.splice(0);
    box.querySelectorAll(".shot:not(.add) .shut").forEach((shut) => shut.closest(".shot").remove());
    store();
  });
};

const ready = new WeakSet();
const setUpAll = (root) => root.querySelectorAll("[data-photos]").forEach((box) => {
  if (ready.has(box)) return;
  ready.add(box);
  setUp(box);
});
setUpAll(document);
addEventListener("htmx:load", (event) => setUpAll(event.target)); // a form that htmx brought

// A form sent while photos are still being shrunk waits for them: capture, so that it comes before any other listener.
addEventListener("submit", (event) => {
  const form = event.target;
  if (!busy.get(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  form.addEventListener("photos:ready", () => { if (!busy.get(form)) form.requestSubmit(); }, { once: true });
}, true);
