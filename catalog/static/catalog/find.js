// A box that leaves in sight, of many choices or entries, those that hold what is typed in it.

function seek(find) {
  const group = find.closest(".findable");
  const words = find.value.trim().toLowerCase();
  for (const item of group.querySelectorAll(".option, .entry")) {
    // A choice that is made stays.
    item.hidden = !item.querySelector("input:checked") && !item.textContent.toLowerCase().includes(words);
  }
  const more = group.querySelector("details");
  if (more && words) more.open = true;
}

function enhance() {
  for (const find of document.querySelectorAll(".find")) find.hidden = false;
}

addEventListener("input", ({ target }) => {
  if (target.matches(".find")) seek(target);
});
addEventListener("list:shown", enhance);
enhance();
