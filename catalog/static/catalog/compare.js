// The programs that a visitor has ticked to compare, kept in the browser over pages and visits.
// Without this file the button below the list compares what is ticked on its page.

const KEY = "compared";
const form = document.getElementById("compare");
const compared = document.querySelector("[data-compared]");
let kept = [];

function chosen() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return kept; // where nothing may be stored, as long as the page lives
  }
}

function choose(slugs) {
  kept = slugs;
  try {
    localStorage.setItem(KEY, JSON.stringify(slugs));
  } catch {
    // See above.
  }
}

function show(problem = "") {
  const slugs = chosen();
  for (const box of document.querySelectorAll("input[form=compare]")) box.checked = slugs.includes(box.value);
  form.querySelector("#chosen").hidden = slugs.length === 0;
  form.querySelector("[role=status]").textContent = problem || `${slugs.length} chosen`;
  form.querySelector("[type=submit]").textContent = slugs.length === 1 ? "Compare it with others" : "Compare";
  for (const plain of document.querySelectorAll(".compare-bar")) plain.hidden = true;
}

if (compared) choose(compared.dataset.compared.split(" ").filter(Boolean));

if (form) {
  const most = Number(form.dataset.most);
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("input[form=compare]")) return;
    const others = chosen().filter((slug) => slug !== target.value);
    const isOneTooMany = target.checked && others.length >= most;
    if (!isOneTooMany) choose(target.checked ? [...others, target.value] : others);
    show(isOneTooMany ? `${most} programs fit side by side: take one out first.` : "");
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = new URLSearchParams(chosen().map((slug) => ["program", slug]));
    location.assign(`${form.action}?${query}`);
  });
  form.addEventListener("reset", () => {
    choose([]);
    setTimeout(show); // after the boxes were reset
  });
  // The list was replaced, another window chose, or the browser went back to this page.
  for (const event of ["list:shown", "storage", "pageshow"]) addEventListener(event, () => show());
}
