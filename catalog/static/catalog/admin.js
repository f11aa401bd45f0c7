// Names for the admin's autocomplete boxes: the script that draws them leaves them without one.

const labelOf = (select) => select.labels[0]?.textContent.trim().replace(/:$/, "") || select.getAttribute("aria-label");

const nameBoxes = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = labelOf(select);
    const box = select.nextElementSibling;
    if (!label || !box?.classList.contains("select2-container")) continue;
    for (const part of box.querySelectorAll("[role=combobox], [role=textbox], input")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", label);
    }
  }
};

// The button that empties a box of several lies in a list, where no button may; each choice has one of its own.
for (const select of document.querySelectorAll("select.admin-autocomplete[multiple]")) select.dataset.allowClear = "false";

// In turn after the script that draws them, which waits for the same moment.
window.django?.jQuery?.(nameBoxes);
window.django?.jQuery?.(document).on("select2:open", ({ target }) => {
  const box = target.nextElementSibling.querySelector("[role=combobox]");
  box.setAttribute("aria-controls", box.getAttribute("aria-owns"));
  const open = ".select2-container--open :is(.select2-search__field, [role=tree], [role=listbox])";
  for (const part of document.querySelectorAll(open)) part.setAttribute("aria-label", labelOf(target));
});
document.addEventListener("formset:added", () => setTimeout(nameBoxes));
