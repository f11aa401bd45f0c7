// A preview beside each text in Markdown: as visitors will see it, rendered by the server.

const FAILED = "The preview could not be loaded. Your text is as it was; try again, or sign in once more in another tab.";

const rendered = async (box) => {
  const body = new URLSearchParams({ text: box.value });
  const headers = { "X-CSRFToken": box.form.elements.csrfmiddlewaretoken.value };
  try {
    // Who is signed out would be led to a form that is no preview.
    const response = await fetch(box.dataset.preview, { method: "POST", body, headers, redirect: "error" });
    return { ok: response.ok, text: response.ok || response.status === 413 ? await response.text() : FAILED };
  } catch {
    return { ok: false, text: FAILED };
  }
};

const show = async (box, panel) => {
  // Exactly in the place of the box, so that nothing moves.
  panel.style.width = `${box.offsetWidth}px`;
  panel.style.height = `${box.offsetHeight}px`;
  panel.style.margin = getComputedStyle(box).margin;
  box.hidden = true;
  panel.hidden = false;
  panel.replaceChildren();
  const { ok, text } = box.value.trim() ? await rendered(box) : { ok: false, text: "There is no text yet." };
  if (ok) panel.innerHTML = text;
  else panel.textContent = text;
  // To follow a link is no reason to leave the form.
  for (const link of panel.querySelectorAll("a")) link.target = "_blank";
};

const addPreview = (box) => {
  const label = box.labels[0]?.textContent.trim().replace(/:$/, "");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "preview-button" });
  const panel = Object.assign(document.createElement("div"), { className: "preview", hidden: true, tabIndex: 0 });
  panel.id = `${box.id}_preview`;
  panel.setAttribute("role", "region");
  panel.setAttribute("aria-live", "polite");
  panel.setAttribute("aria-label", `${label} as visitors see it`);
  button.setAttribute("aria-controls", panel.id);
  const say = (does) => {
    button.textContent = does;
    button.setAttribute("aria-label", `${does}: ${label}`);
    button.setAttribute("aria-expanded", String(!panel.hidden));
  };
  button.addEventListener("click", async () => {
    if (panel.hidden) {
      const shown = show(box, panel);
      say("Back to the text");
      await shown;
    } else {
      panel.hidden = true;
      box.hidden = false;
      say("Preview");
    }
  });
  say("Preview");
  box.after(panel, button);
};

// The row that is copied for each new one is not itself filled in.
const addPreviews = (root) => {
  for (const box of root.querySelectorAll("textarea[data-preview]")) addPreview(box);
};

addPreviews(document);
document.addEventListener("formset:added", ({ target }) => addPreviews(target));
