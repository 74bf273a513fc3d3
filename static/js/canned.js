// Canned answers: a tap adds the text to the answer, where it is read and edited before it is sent. Nothing is sent by the tap.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-canned-for] button");
  const field = button?.form?.elements[button.closest("[data-canned-for]").dataset.cannedFor];
  if (!field) return;
  event.preventDefault();
  const text = button.closest("li").querySelector("[data-text]").textContent;
  field.value = field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  button.closest("details").open = false;
  field.focus();
});
