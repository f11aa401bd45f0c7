// While an entry is open: a sign of life every minute, answered by who else has it open or has saved it.

const MINUTE = 60_000;
const line = document.getElementById("presence");
const form = line.closest("form");

const tell = (also = {}, options = {}) =>
  fetch(line.dataset.url, {
    method: "POST",
    body: new URLSearchParams({
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
      version: form.elements.version.value,
      ...also,
    }),
    ...options,
  });

const update = async () => {
  const answer = await tell().catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const { line: text } = await answer.json();
  // A reader is told only of what is new.
  if (line.textContent !== text) line.textContent = text;
};

setInterval(update, MINUTE);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && update());
// Who saves has not left: the server knows, and the page may come back with a question.
let saving = false;
form.addEventListener("submit", () => (saving = true));
window.addEventListener("pagehide", () => saving || tell({ leaving: "1" }, { keepalive: true }).catch(() => null));
window.addEventListener("pageshow", ({ persisted }) => persisted && update());
