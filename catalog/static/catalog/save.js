// Saving: by Ctrl+S or Cmd+S without leaving the form, and a warning before unsaved edits are left.

const form = document.querySelector("#content-main > form[id$=_form]");
const KEEP_EDITING = "input[name=_continue]";
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const KEYS = isMac ? "⌘S" : "Ctrl+S";

// The forms of steps, ratings, merges and proposals too.
const forms = form ? [form] : [...document.querySelectorAll(".entry-page form[method=post], form.entry-page[method=post]")];

// What the forms would send, whatever its order; of a file, its name. How many rows there are, the rows say.
const content = (isAsked = (name) => !name.endsWith("-TOTAL_FORMS")) =>
  forms
    .flatMap((one) => [...new FormData(one)])
    .filter(([name]) => isAsked(name))
    .map(([name, value]) => JSON.stringify([name, value.name ?? value]));
const isSame = (one, other) => JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());

const saveByKeyboard = () => {
  const buttons = form.querySelectorAll(KEEP_EDITING);
  if (!buttons.length) return;
  for (const button of buttons) button.setAttribute("aria-keyshortcuts", "Control+S Meta+S");
  const last = buttons[buttons.length - 1];
  const hint = document.createElement("span");
  hint.className = "shortcut";
  hint.textContent = `${KEYS}: ${last.value.toLowerCase()}`;
  last.closest(".submit-row").append(hint);
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    if (!event.repeat) form.requestSubmit(last);
  });
};

const warnOfLosses = () => {
  let saved = content();
  // What comes back with mistakes in it is not saved yet.
  const isRefused = Boolean(document.querySelector(".errornote, .not-saved"));
  let isSubmitted = false;
  for (const one of forms) one.addEventListener("submit", () => { isSubmitted = true; });
  addEventListener("pageshow", () => { isSubmitted = false; });
  // A row that is opened is not typed into yet, and of one that is let go nothing is to be saved.
  const namesIn = ({ target }) => new Set([...target.querySelectorAll("[name]")].map(({ name }) => name));
  addEventListener("row:opened", (event) => {
    const names = namesIn(event);
    saved = [...saved, ...content((name) => names.has(name))];
  });
  addEventListener("row:removed", (event) => {
    const names = namesIn(event);
    saved = saved.filter((one) => !names.has(JSON.parse(one)[0]));
  });
  addEventListener("beforeunload", (event) => {
    if (!isSubmitted && (isRefused || !isSame(content(), saved))) event.preventDefault();
  });
};

if (form?.method === "post") saveByKeyboard();
if (forms.some((one) => one.method === "post")) warnOfLosses();
