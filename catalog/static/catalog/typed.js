// What is typed into a form and not saved yet: kept in this browser, offered when the form is opened again, and gone once
// it is saved, thrown away, a month old, or its person has signed out. Never a password, never a file. The forms are those
// with a field "typed"; the place for the offers follows it.

const MONTH = 30 * 24 * 60 * 60 * 1000;
const MOST_OFFERS = 5;
const SKIPPED = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);
const ROW = /^(.+)-(\d+)-(.+)$/;
const SHOWING = "typed showing";
const MOVED = "It was saved since by somebody else, or in another window: when you save, you are asked where both changed the same.";
const { content: person, dataset: { path } } = document.querySelector("meta[name=person]");

// --- The store: "typed PERSON FORM PAGE" holds what was typed on one page. Where there is none, nothing is kept.

const quietly = (act) => {
  try {
    return act();
  } catch {
    return null;
  }
};
const keys = () => quietly(() => Object.keys(localStorage).filter((key) => key.startsWith("typed "))) ?? [];
const read = (key) => quietly(() => JSON.parse(localStorage.getItem(key)));
const write = (key, item) => quietly(() => localStorage.setItem(key, JSON.stringify(item)));
const remove = (key) => quietly(() => localStorage.removeItem(key));

// The server says by a cookie which page's texts it has saved. Who signs in finds nothing of anybody else's.
const tidyUp = () => {
  const saved = /(?:^|; )saved=(\d+)/.exec(document.cookie)?.[1];
  for (const key of keys()) {
    const [, whose, , page] = key.split(" ");
    const isOld = !(read(key)?.at > Date.now() - MONTH);
    if (isOld || page === saved || (person && whose !== person)) remove(key);
  }
  if (saved) document.cookie = `saved=; max-age=0; samesite=lax; path=${path}`;
};

// --- What a field holds

const chosenOf = (options) => [...options].filter(({ value }) => value).map(({ value, text }) => [value, text]);
const isTicked = ({ type }) => type === "checkbox" || type === "radio";

// What a field holds now, or held when the page came: a list of values, those of a menu with their words.
const now = ([first, ...others]) => {
  if (first.options) return chosenOf(first.selectedOptions);
  if (isTicked(first)) return [first, ...others].filter(({ checked }) => checked).map(({ value }) => [value]);
  return [[first.value.trim()]];
};
const before = ([first, ...others]) => {
  if (first.options) {
    const chosen = [...first.options].filter(({ defaultSelected }) => defaultSelected);
    // A menu shows its first line, a box that looks entries up nothing.
    const isMenu = !first.multiple && !first.matches(".admin-autocomplete");
    const shown = chosen.length || !isMenu ? chosen : [...first.options].slice(0, 1);
    return chosenOf(shown);
  }
  if (isTicked(first)) return [first, ...others].filter((one) => one.defaultChecked).map(({ value }) => [value]);
  return [[first.defaultValue.trim()]];
};
const isSame = (one, other) => JSON.stringify(one.map(([value]) => value)) === JSON.stringify(other.map(([value]) => value));
const isChanged = (elements) => !isSame(now(elements), before(elements));
const isBlank = (value) => value.every(([text]) => !text);

const put = (elements, value) => {
  const [first] = elements;
  if (first.options) {
    for (const [code, words] of value) {
      if (![...first.options].some((option) => option.value === code)) first.add(new Option(words, code));
    }
    for (const option of first.options) option.selected = value.some(([code]) => code === option.value);
  } else if (isTicked(first)) {
    for (const one of elements) one.checked = value.some(([code]) => code === one.value);
  } else first.value = value[0][0];
  for (const type of ["input", "change"]) first.dispatchEvent(new Event(type, { bubbles: true }));
};

// --- Offering

const rowOf = (key) => /^(.+[#+]\d+)-/.exec(key)?.[1];

const make = (tag, parts = [], properties = {}) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...parts);
  return element;
};

const labelOf = (elements, key) => {
  const [first] = elements ?? [];
  const group = elements?.length > 1 && first.closest("fieldset")?.querySelector("legend");
  const label = (group || first?.labels?.[0])?.textContent ?? key.replace(/^.*[#+]\d+-/, "").replaceAll("_", " ");
  const words = label.trim().replace(/:$/, "");
  // As the list of mistakes names rows: "Reference 1, Summary".
  const heading = first?.closest(".inline-related")?.querySelector("h3");
  const row = ["b", ".inline_label"].map((part) => heading?.querySelector(part)?.textContent.trim().replace(/^#|:$/, ""));
  return row[1] ? `${row.join(" ")}, ${words}` : words.charAt(0).toUpperCase() + words.slice(1);
};

const dayAndTime = (at) => {
  const moment = new Date(at);
  const time = moment.toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
  return `${moment.toLocaleDateString("en-US", { month: "long", day: "numeric" })} at ${time}`;
};

const linkTo = (element, label) => {
  const link = make("a", [label], { href: `#${element.id}` });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    element.focus();
    element.scrollIntoView({ block: "center" });
  });
  return link;
};

const report = ({ shown, left }, moved) => {
  const links = shown.flatMap(([element, label]) => [linkTo(element, label), ", "]).slice(0, -1);
  const parts = [make("p", shown.length ? ["Not saved yet, and in the form again: ", ...links, "."] : ["Nothing was put into the form."])];
  if (moved) parts.push(make("p", [MOVED]));
  if (left.length) {
    const texts = left.map(([, value, label]) => {
      const words = value.map(([code, text]) => text ?? code).join(", ");
      return make("div", [make("dt", [label]), make("dd", [words], { className: "typed" })]);
    });
    parts.push(make("p", ["These have no place in the form any more, or you have typed something else there. Copy what you need:"]));
    parts.push(make("dl", texts));
  }
  return parts;
};

// Rows that have no fields in the form yet, stored or new: the page comes anew with them, and then goes on. A new row is
// known by its place, so that it takes those before it.
const withThoseBefore = (row) => {
  const [, rows, place] = /^(.+)\+(\d+)$/.exec(row) ?? [];
  return rows ? Array.from({ length: Number(place) + 1 }, (_, before) => `${rows}+${before}`) : [row];
};
const missingRows = ({ fields }, there) => {
  const present = new Set([...there.keys()].map(rowOf));
  const wanted = new Set(Object.keys(fields).map(rowOf).filter(Boolean).flatMap(withThoseBefore));
  const missing = [...wanted].filter((row) => !present.has(row));
  const places = missing.map((row) => row.replace(/\+\d+$/, "-new").replace(/#(\d+)$/, "-$1"));
  return places.filter((place) => document.querySelector(`button[name="_open"][value="${CSS.escape(place)}"]`));
};
const openAndShow = (key, rows) => {
  const address = new URL(location.href);
  const open = address.searchParams.get("open")?.split(" ") ?? [];
  address.searchParams.set("open", [...open, ...rows].join(" "));
  sessionStorage.setItem(SHOWING, key);
  location.assign(address);
};

// --- A form

const isOfOneOf = (fields) => ([key]) => !rowOf(key) || Object.keys(fields).some((other) => rowOf(other) === rowOf(key));

class KeptForm {
  constructor(sent) {
    this.form = sent.form;
    this.region = sent.nextElementSibling;
    // A page that comes back with mistakes goes on with what was kept before.
    this.isSentBack = Boolean(sent.value);
    sent.value ||= `${Date.now()}${Math.floor(1000 + Math.random() * 9000)}`;
    const isProposal = Boolean(this.form.elements["proposal-version"]);
    this.mine = `typed ${person} ${sent.dataset.as || location.pathname}${isProposal ? "#proposal" : ""} `;
    this.own = this.mine + sent.value;
  }

  // Fields are known by name. Rows are known by what they are of, as others may come and go: "studies#17-summary" is of a
  // stored row, "studies+0-summary" of the first new one in the page. ``places`` holds the new rows that were met before.
  keyOf(name, places) {
    const [, rows, number, field] = ROW.exec(name) ?? [];
    if (!field || !this.form.elements[`${rows}-INITIAL_FORMS`]) return name;
    const pk = this.form.elements[`${rows}-${number}-id`]?.value;
    if (pk) return `${rows}#${pk}-${field}`;
    const known = places.get(rows) ?? [];
    places.set(rows, known.includes(number) ? known : [...known, number]);
    return `${rows}+${places.get(rows).indexOf(number)}-${field}`;
  }

  fieldsBy(isWanted) {
    const [fields, places] = [new Map(), new Map()];
    for (const element of this.form.elements) {
      if (!element.name) continue;
      const key = this.keyOf(element.name, places);
      if (isWanted(element)) fields.set(key, [...(fields.get(key) ?? []), element]);
    }
    return fields;
  }

  get fields() {
    return this.fieldsBy(({ type }) => type && !SKIPPED.has(type));
  }

  // By these the server sees what others have saved meanwhile.
  get versions() {
    return this.fieldsBy(({ type, name }) => type === "hidden" && /(^|-)(version|opened)$/.test(name));
  }

  // --- Keeping

  keep(kept) {
    const typed = [...this.fields].filter(([, elements]) => isChanged(elements));
    const fields = { ...kept, ...Object.fromEntries(typed.map(([key, elements]) => [key, now(elements)])) };
    if (!Object.keys(fields).length) return remove(this.own);
    const versions = [...this.versions].filter(isOfOneOf(fields)).map(([key, [{ value }]]) => [key, value]);
    return write(this.own, { at: Date.now(), fields, versions: Object.fromEntries(versions) });
  }

  keepWhileTyping() {
    const kept = read(this.own)?.fields ?? {};
    let timer = null;
    const keepNow = () => {
      clearTimeout(timer);
      if (timer) this.keep(kept);
      timer = null;
    };
    const soon = () => { timer ??= setTimeout(keepNow, 1000); };
    for (const type of ["input", "change", "formset:added", "formset:removed"]) this.form.addEventListener(type, soon);
    // The boxes that look entries up tell nobody else.
    window.django?.jQuery?.(this.form).on("change", soon);
    this.form.addEventListener("submit", keepNow);
    addEventListener("pagehide", keepNow);
    // On a slow line somebody types before this script is there.
    if ([...this.fields.values()].some(isChanged)) soon();
  }

  // --- Putting back

  differing({ fields }) {
    const there = this.fields;
    return Object.entries(fields).filter(([key, value]) => (there.has(key) ? !isSame(now(there.get(key)), value) : !isBlank(value)));
  }

  isMoved({ versions }) {
    return [...this.versions].some(([key, [{ value }]]) => key in versions && versions[key] !== value);
  }

  // Over nothing that was typed on this page; returns the fields, and what found no place.
  putBack(item) {
    const versions = this.versions;
    for (const [key, value] of Object.entries(item.versions)) if (versions.has(key)) versions.get(key)[0].value = value;
    const [shown, left] = [[], []];
    for (const [key, value] of this.differing(item)) {
      const elements = this.fields.get(key);
      if (!elements || isChanged(elements)) left.push([key, value, labelOf(elements, key)]);
      else {
        put(elements, value);
        shown.push([elements[0], labelOf(elements, key)]);
      }
    }
    return { shown, left };
  }

  offer([key, item]) {
    const there = this.fields;
    const labels = this.differing(item).map(([name]) => labelOf(there.get(name), name));
    const some = labels.length > 6 ? `${labels.slice(0, 6).join(", ")} and ${labels.length - 6} more` : labels.join(", ");
    const moved = this.isMoved(item) ? ` ${MOVED}` : "";
    const sentence = make("p", [`You typed here on ${dayAndTime(item.at)} and did not save it: ${some}.${moved}`], { id: `typed-${key.split(" ").at(-1)}` });
    const show = make("button", ["Show it"], { type: "button", className: "button" });
    const drop = make("button", ["Throw it away"], { type: "button", className: "button" });
    for (const button of [show, drop]) button.setAttribute("aria-describedby", sentence.id);
    const note = make("div", [sentence, make("p", [show, " ", drop])], { tabIndex: -1 });
    const isShowing = quietly(() => sessionStorage.getItem(SHOWING)) === key;
    show.addEventListener("click", () => {
      const missing = isShowing ? [] : missingRows(item, this.fields);
      if (missing.length) return openAndShow(key, missing);
      quietly(() => sessionStorage.removeItem(SHOWING));
      const found = this.putBack(item);
      this.keep(read(this.own)?.fields ?? {});
      if (found.left.length) write(key, { ...item, fields: Object.fromEntries(found.left) });
      else remove(key);
      note.replaceChildren(...report(found, moved));
      note.focus();
    });
    drop.addEventListener("click", () => {
      remove(key);
      note.replaceChildren(make("p", ["Thrown away."]));
      note.focus();
    });
    return note;
  }

  offerAll() {
    const others = keys().filter((key) => key.startsWith(this.mine) && key !== this.own).sort().reverse();
    const kept = others.map((key) => [key, read(key)]).filter(([, item]) => item?.fields && item.versions);
    for (const [key, item] of kept) if (!this.isSentBack && !this.differing(item).length) remove(key);
    const offers = kept.filter(([, item]) => this.differing(item).length).slice(0, MOST_OFFERS);
    this.region.replaceChildren(...offers.map((one) => this.offer(one)));
    const showing = quietly(() => sessionStorage.getItem(SHOWING));
    const place = offers.findIndex(([key]) => key === showing);
    if (place >= 0) this.region.children[place].querySelector("button").click();
  }
}

tidyUp();
// What was looked up in another window, and saved there.
addEventListener("focus", tidyUp);
for (const sent of document.querySelectorAll("input[name=typed]")) {
  const form = new KeptForm(sent);
  form.keepWhileTyping();
  // After the scripts that draw the rows.
  addEventListener("load", () => form.offerAll());
}
