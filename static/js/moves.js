// An officer's own moves on an issue (a note, what was asked for, her check) without a signal: they wait in the outbox as visits
// do, photos included, against the version that she saw. With a signal the plain form is sent.
const OURS = /^\/issues\/(\d+)\/(notes|supplement|verification|rejection)$/;
const box = self.outbox;

const say = (text) => dispatchEvent(new CustomEvent("app:say", { detail: { text, tone: "amber" } }));

if (box?.able && box.account) addEventListener("submit", async (event) => {
  const form = event.target, found = OURS.exec(new URL(form.action).pathname);
  if (!found || event.defaultPrevented || form.dataset.busy) return;
  event.preventDefault();
  form.dataset.busy = "1";
  const plain = () => HTMLFormElement.prototype.submit.call(form);
  if (await box.isReached()) return plain();
  try {
    const fields = {}, photos = [], blobs = [], client_key = box.uuid();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") { (fields[name] ||= []).push(value); continue; }
      if (!value.size) continue;
      const key = box.uuid();
      photos.push({ key, field: name, sha256: await box.sha256(value), size: value.size, name: value.name });
      blobs.push({ key, item: client_key, blob: value });
    }
    const [version] = fields.version;
    delete fields.version;
    await box.freeze({
      client_key, kind: "move", title: document.querySelector("h1").textContent, edit: `/issues/${found[1]}`, photos,
      body: { schema: 1, issue_id: Number(found[1]), noun: found[2], version: Number(version), fields, ...photos.length && { photos } },
    }, blobs);
    location.assign("/");
  } catch { // not kept: then at least sent, if the server answers now
    if (await box.isReached()) return plain();
    delete form.dataset.busy;
    say(document.body.dataset.sayUnsaved); // neither: what she wrote stays in front of her
  }
  return undefined;
});
// Who has something to write is told before, if the phone has no room for it.
if (box?.able && box.account && [...document.forms].some((form) => OURS.test(new URL(form.action).pathname) && form.querySelector("textarea")))
  box.hasRoom().then((has) => has || say(document.body.dataset.sayFull)).catch(() => 0);
