// Opens a row of a form in the place of its line, or adds a blank one, without sending the form; the buttons do the same
// by sending it.

const form = document.querySelector("#content-main > form[id$=_form]");
const isNew = (place) => place.endsWith("-new");

// The row as the server shows it. A proposal's new rows come before a blank one.
const load = async (place) => {
  const address = new URL(location.href);
  address.searchParams.set("open", place);
  address.searchParams.set("rows-only", "");
  const response = await fetch(address, { redirect: "error" });
  if (!response.ok) throw new Error(response.statusText);
  const rows = new DOMParser().parseFromString(await response.text(), "text/html").querySelectorAll(".inline-related");
  const row = isNew(place) ? [...rows].at(-1) : rows[0];
  if (!row) throw new Error("The row is gone");
  return document.importNode(row, true);
};

// Where the form is sent to, and what is loaded again, has a stored row open too.
const remember = (place) => {
  const address = new URL(location.href);
  const open = address.searchParams.getAll("open").join(" ").split(" ").filter((one) => one && !isNew(one));
  if (!isNew(place)) open.push(place);
  if (open.length) address.searchParams.set("open", open.join(" "));
  else address.searchParams.delete("open");
  address.hash = "";
  history.replaceState(history.state, "", address);
};

// Gives a row and its fields a number that no other row of the page has: in names, ids, and what refers to them.
const renumber = (row, relation) => {
  const total = document.getElementById(`id_${relation}-TOTAL_FORMS`);
  const [from, to] = [`${row.id}-`, `${relation}-${total.value}-`];
  for (const part of row.querySelectorAll("*")) {
    for (const { name, value } of part.attributes) {
      if (name !== "value" && value.includes(from)) part.setAttribute(name, value.replaceAll(from, to));
    }
  }
  row.id = to.slice(0, -1);
  total.value = Number(total.value) + 1;
};

// Tells the scripts that draw boxes, warn of losses and keep what is typed.
const tell = (part, type, relation) => part.dispatchEvent(new CustomEvent(type, { bubbles: true, detail: { formsetName: relation } }));

const count = (group) => {
  for (const [place, label] of group.querySelectorAll(".inline_label").entries()) label.textContent = `#${place + 1}`;
};

// A row that is not stored is let go without being sent; the server passes over the number that is missing then.
const addRemoving = (row) => {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "remove", textContent: "Remove" });
  button.addEventListener("click", () => {
    const group = row.closest(".inline-group");
    tell(row, "row:removed");
    row.remove();
    count(group);
    tell(group, "formset:removed");
    group.querySelector(".add-row button").focus();
  });
  row.querySelector("h3").append(button);
};

const put = (row, button) => {
  if (isNew(button.value)) {
    const group = button.closest(".inline-group");
    button.parentElement.before(row);
    addRemoving(row);
    count(group);
    return;
  }
  const item = button.closest("li");
  const isTicked = item.querySelector("input[type=checkbox]")?.checked;
  item.replaceChildren(row);
  const goes = row.querySelector("input[name$=-DELETE]");
  if (goes && isTicked !== undefined) goes.checked = isTicked;
};

const open = async (button) => {
  const place = button.value;
  const relation = place.slice(0, place.lastIndexOf("-"));
  const row = await load(place);
  renumber(row, relation);
  put(row, button);
  remember(place);
  tell(row, "formset:added", relation);
  tell(row, "row:opened");
  row.querySelector("h3").focus();
};

form?.addEventListener("click", async (event) => {
  const button = event.target.closest("button[name=_open]");
  if (!button) return;
  event.preventDefault();
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  try {
    await open(button);
    button.ariaBusy = null;
  } catch {
    // The server then says why.
    button.ariaBusy = null;
    form.requestSubmit(button);
  }
});

for (const row of form?.querySelectorAll(".inline-related:not(.has_original)") ?? []) addRemoving(row);
// Browsers that fill in fields again after a reload would count rows that are gone.
for (const total of form?.querySelectorAll("input[name$=-TOTAL_FORMS]") ?? []) total.autocomplete = "off";
// A blank row that the address asks for is there now; saving does not bring another one.
if (/-new\b/.test(location.search)) remember("-new");
