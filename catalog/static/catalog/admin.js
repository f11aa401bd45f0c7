// Names for the admin's autocomplete boxes: the script that draws them leaves them without one.

const nameBoxes = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = select.labels[0]?.textContent.trim().replace(/:$/, "") || select.getAttribute("aria-label");
    const box = select.nextElementSibling;
    if (!label || !box?.classList.contains("select2-container")) continue;
    for (const part of box.querySelectorAll("[role=combobox], [role=textbox], input")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", label);
    }
  }
};

// In turn after the script that draws them, which waits for the same moment.
window.django?.jQuery?.(nameBoxes);
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
