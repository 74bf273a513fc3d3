// The sign-in page: how many records and drafts wait on this phone, whoever's they are. Nothing of them is shown.
(async () => {
  "use strict";
  const note = document.querySelector("#sealed");
  if (!note || !self.indexedDB?.databases || !(await indexedDB.databases()).some(({ name }) => name === "qifang")) return;
  const request = indexedDB.open("qifang");
  request.onsuccess = () => {
    const db = request.result, stores = db.transaction(["queue", "drafts"]);
    const queue = stores.objectStore("queue").count(), drafts = stores.objectStore("drafts").getAll();
    stores.oncomplete = () => {
      db.close();
      const written = drafts.result.filter(({ fields }) => fields).length, { say, sayDrafts } = note.dataset;
      note.querySelector("b").textContent = [[say, queue.result], [sayDrafts, written]].filter(([, n]) => n).map(([words, n]) => words.replace("{n}", n)).join(" ");
      note.hidden = !queue.result && !written;
    };
  };
})();
