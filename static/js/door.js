// The sign-in page: how many records wait on this phone, whoever's they are. Nothing of them is shown.
(async () => {
  "use strict";
  const note = document.querySelector("#sealed");
  if (!note || !self.indexedDB?.databases || !(await indexedDB.databases()).some(({ name }) => name === "qifang")) return;
  const request = indexedDB.open("qifang");
  request.onsuccess = () => {
    const db = request.result, count = db.transaction(["queue"]).objectStore("queue").count();
    count.onsuccess = () => {
      db.close();
      note.hidden = !count.result;
      note.querySelector("b").textContent = note.dataset.say.replace("{n}", count.result);
    };
  };
})();
