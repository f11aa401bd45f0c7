// The program list without reloading: a choice updates results, counts, title and address in place.
// Everything works without this file; whatever goes wrong here falls back to loading the page.

const form = document.getElementById("finder");
const status = document.getElementById("status");
const drawer = document.getElementById("drawer");
let request = null;
let shown = withoutHash(location.href);

function withoutHash(address) {
  return address.split("#")[0];
}

// The address of what the form asks for, without what is left as it is.
function addressOfForm() {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value !== "") asked.append(name, value);
  }
  const query = asked.toString();
  return query ? `${form.action}?${query}` : form.action;
}

async function fetchPage(address) {
  request?.abort();
  const mine = (request = new AbortController());
  try {
    const response = await fetch(address, { signal: mine.signal });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.getElementById("results")) throw new Error("not a list");
    return [page, response.url];
  } catch (error) {
    if (mine !== request) return null; // a newer choice took over
    throw error;
  }
}

// Where the visitor is; a box to tick has no id.
function selectorOf({ id, name, value }) {
  if (id) return `#${CSS.escape(id)}`;
  return name ? `[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]` : "";
}

// What the visitor opened and the server does not know of.
function remember() {
  return {
    open: [...form.querySelectorAll("details[open][id]")].map((details) => details.id),
    scrolled: form.querySelector(".sheet").scrollTop,
    sought: form.querySelector(".find")?.value ?? "",
    focus: selectorOf(document.activeElement ?? {}),
  };
}

function restore({ open, scrolled, sought, focus }) {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const find = form.querySelector(".find");
  if (find) {
    find.value = sought;
    find.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.querySelector(".sheet").scrollTop = scrolled;
  if (focus) document.querySelector(focus)?.focus({ preventScroll: true });
}

// Without a script the button cannot know how many programs there are.
function enhance() {
  const count = document.getElementById("count").dataset.count;
  form.querySelector("#facets > button").textContent = `Show ${count} program${count === "1" ? "" : "s"}`;
}

function show(page, typed) {
  const before = remember();
  for (const id of ["facets", "results"]) {
    document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
  }
  form.querySelector(".drawer > summary").replaceChildren(
    ...page.querySelector(".drawer > summary").childNodes,
  );
  // Unless somebody types on meanwhile.
  if (form.elements.q.value === typed) form.elements.q.value = page.getElementById("q").value;
  document.title = page.title;
  enhance();
  restore(before);
  dispatchEvent(new Event("list:shown"));
  status.textContent = document.getElementById("count").textContent;
}

// Show the list at address. With push it becomes a step that Back returns from; focus names what is read next.
async function go(address, { push = true, focus = "" } = {}) {
  const typed = form.elements.q.value;
  form.setAttribute("aria-busy", "true");
  if (!push) shown = withoutHash(address);
  try {
    const answer = await fetchPage(address);
    if (!answer) return;
    const [page, arrived] = answer;
    if (push && arrived !== location.href) history.pushState(null, "", arrived);
    show(page, typed);
    shown = withoutHash(location.href);
    if (focus) document.getElementById(focus).focus();
    form.removeAttribute("aria-busy");
  } catch {
    location.assign(address);
  }
}

form.addEventListener("change", (event) => {
  const { form: its, name } = event.target;
  if (its === form && name && name !== "q") go(addressOfForm());
});

// On a phone the filters fill the screen, their button included; whoever is done with them is led to the programs.
drawer.addEventListener("toggle", () => {
  if (drawer.open && drawer.contains(document.activeElement)) drawer.scrollIntoView();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const isDone = drawer.contains(event.submitter);
  await go(addressOfForm(), { focus: isDone ? "count" : "" });
  if (isDone) {
    drawer.open = false;
    document.getElementById("count").scrollIntoView();
  }
});

form.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='?']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(link.href, { focus: "count" });
});

enhance();

addEventListener("popstate", () => {
  // A jump within the page is none to another list.
  if (withoutHash(location.href) !== shown) go(location.href, { push: false });
});
