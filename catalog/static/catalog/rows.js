// Opens a row of a form in the place of its line, without sending the form; the button does the same by sending it.

const form = document.querySelector("#content-main > form[id$=_form]");

// The row as the server shows it, alone and so the first of its kind.
const load = async (place, item) => {
  const address = new URL(location.href);
  address.searchParams.set("open", place);
  const response = await fetch(address, { redirect: "error" });
  if (!response.ok) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const row = page.getElementById(item)?.querySelector(".inline-related");
  if (!row) throw new Error("The row is gone");
  return document.importNode(row, true);
};

// Where the form is sent to, and what is loaded again, has the row open too.
const remember = (place) => {
  const address = new URL(location.href);
  address.searchParams.set("open", [...address.searchParams.getAll("open"), place].join(" "));
  address.hash = "";
  history.replaceState(history.state, "", address);
};

// Gives the fields of a row a number that no other row of the page has: in names, ids, and what refers to them.
const renumber = (row, relation) => {
  const total = document.getElementById(`id_${relation}-TOTAL_FORMS`);
  const [from, to] = [`${relation}-0-`, `${relation}-${total.value}-`];
  for (const part of row.querySelectorAll("*")) {
    for (const { name, value } of part.attributes) {
      if (name !== "value" && value.includes(from)) part.setAttribute(name, value.replaceAll(from, to));
    }
  }
  total.value = Number(total.value) + 1;
  row.removeAttribute("id");
};

const open = async (button) => {
  const place = button.value;
  const relation = place.slice(0, place.lastIndexOf("-"));
  const item = button.closest("li");
  const row = await load(place, item.id);
  const isTicked = item.querySelector("input[type=checkbox]")?.checked;
  renumber(row, relation);
  row.classList.add(`dynamic-${relation}`);
  item.replaceChildren(row);
  remember(place);
  row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: relation } }));
  row.dispatchEvent(new CustomEvent("row:opened", { bubbles: true }));
  const goes = row.querySelector("input[name$=-DELETE]");
  if (goes && isTicked !== undefined) goes.checked = isTicked;
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
  } catch {
    // The server then says why.
    button.ariaBusy = null;
    form.requestSubmit(button);
  }
});
