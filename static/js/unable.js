// Where the outbox cannot work (no service worker, no IndexedDB, plain http, or a browser so old that it cannot even read
// outbox.js) the page says so, and everything works online as plain forms. Written for the oldest browsers, on purpose.
(function () {
  "use strict";
  if (window.outbox && window.outbox.able) return;
  var notes = document.querySelectorAll("[data-unable]"), offline = document.querySelector("#offline b"), nth;
  for (nth = 0; nth < notes.length; nth++) notes[nth].hidden = false;
  if (offline) offline.textContent = document.body.getAttribute("data-say-unable");
})();
