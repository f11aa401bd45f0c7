// A toolbar above each text in Markdown: bold, italic, link, list, heading; Ctrl+B, Ctrl+I and Ctrl+K in the text.

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

// Writes text in place of what stands from start to end, and selects a part of it.
const replace = (box, start, end, text, [from, to]) => {
  box.focus();
  box.setSelectionRange(start, end);
  // Deprecated, and the only way that can be taken back by Ctrl+Z; where there is none, the text goes in all the same.
  if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
    box.setRangeText(text);
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  box.setSelectionRange(start + from, start + to);
};

// What is selected, without the white space around it: no marker may stand beside one.
const selected = ({ value, selectionStart, selectionEnd }) => {
  const words = value.slice(selectionStart, selectionEnd);
  const start = selectionStart + (words.trim() ? words.length - words.trimStart().length : 0);
  return { start, words: words.trim() };
};

const MARKERS = { bold: "**", italic: "*" };
const HAS = { bold: (stars) => stars >= 2, italic: (stars) => stars % 2 === 1 };
const starsAround = (words) => /^(\**)(?=[^*]).*\1$/s.exec(words)?.[1].length ?? 0;
// A line: the mark of a list or a heading, the words, and white space.
const LINE = /^(\s*(?:[-*+] +|\d+[.)] +|#{1,6} +)?)(.*?)(\s*)$/;

// No marker reaches beyond its paragraph: each line has its own.
const emphasizeLines = (box, { start, words }, style) => {
  const [marker, has] = [MARKERS[style], HAS[style]];
  const lines = words.split("\n").map((line) => LINE.exec(line).slice(1));
  const isOn = lines.every(([, core]) => !core || has(starsAround(core)));
  const change = (core) => {
    if (isOn) return core.slice(marker.length, core.length - marker.length);
    return core && !has(starsAround(core)) ? marker + core + marker : core;
  };
  const text = lines.map(([mark, core, trail]) => mark + change(core) + trail).join("\n");
  replace(box, start, start + words.length, text, [0, text.length]);
};

const emphasize = (box, style) => {
  const { start, words } = selected(box);
  if (words.includes("\n")) {
    emphasizeLines(box, { start, words }, style);
    return;
  }
  const [marker, has] = [MARKERS[style], HAS[style]];
  const [size, end] = [marker.length, start + words.length];
  const outer = /\**$/.exec(box.value.slice(0, start))[0];
  const isWithin = has(outer.length) && box.value.startsWith(outer, end);
  if (has(starsAround(words))) replace(box, start, end, words.slice(size, -size), [0, words.length - 2 * size]);
  else if (isWithin) replace(box, start - size, end + size, words, [0, words.length]);
  else replace(box, start, end, marker + words + marker, [size, size + words.length]);
};

const ADDRESS = "https://";

const addLink = (box) => {
  const { start, words } = selected(box);
  const end = start + words.length;
  if (/^(?:https?:\/\/|mailto:)\S+$/i.test(words)) replace(box, start, end, `[](${words})`, [1, 1]);
  else if (!words) replace(box, start, end, `[](${ADDRESS})`, [1, 1]);
  else replace(box, start, end, `[${words}](${ADDRESS})`, [words.length + 3, words.length + 3 + ADDRESS.length]);
};

// Begins each line with a mark, or takes it off where all of them have one.
const toggleLines = (box, mark, marked) => {
  const start = box.value.lastIndexOf("\n", box.selectionStart - 1) + 1;
  const next = box.value.indexOf("\n", box.selectionEnd);
  const end = next < 0 ? box.value.length : next;
  const lines = box.value.slice(start, end).split("\n");
  const isMarked = lines.every((line) => marked.test(line) || (!line.trim() && lines.length > 1));
  const changed = lines.map((line) => {
    if (isMarked) return line.replace(marked, "");
    return line.trim() || lines.length === 1 ? mark + line.replace(marked, "") : line;
  });
  const text = changed.join("\n");
  replace(box, start, end, text, lines.length > 1 ? [0, text.length] : [text.length, text.length]);
};

const TOOLS = [
  { name: "Bold", key: "b", use: (box) => emphasize(box, "bold") },
  { name: "Italic", key: "i", use: (box) => emphasize(box, "italic") },
  { name: "Link", key: "k", use: addLink },
  { name: "List", use: (box) => toggleLines(box, "- ", /^[-*+] /) },
  { name: "Heading", use: (box) => toggleLines(box, "## ", /^#{1,6} /) },
];

const buttonFor = (box, { name, key, use }) => {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: name, tabIndex: -1 });
  if (key) {
    button.title = `${isMac ? "⌘" : "Ctrl+"}${key.toUpperCase()}`;
    button.setAttribute("aria-keyshortcuts", `${isMac ? "Meta" : "Control"}+${key.toUpperCase()}`);
  }
  button.addEventListener("click", () => use(box));
  return button;
};

// One stop for the Tab key; the arrows lead from button to button.
const addArrows = (toolbar) => {
  const buttons = [...toolbar.children];
  buttons[0].tabIndex = 0;
  toolbar.addEventListener("focusin", ({ target }) => {
    for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
  });
  toolbar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length).focus();
  });
};

const addToolbar = (box) => {
  const label = box.labels[0]?.textContent.trim().replace(/:$/, "");
  const toolbar = Object.assign(document.createElement("div"), { className: "markdown-toolbar" });
  toolbar.setAttribute("role", "toolbar");
  toolbar.setAttribute("aria-label", `Format: ${label}`);
  toolbar.setAttribute("aria-controls", box.id);
  toolbar.append(...TOOLS.map((tool) => buttonFor(box, tool)));
  addArrows(toolbar);
  box.addEventListener("keydown", (event) => {
    if (event.altKey || event.shiftKey || !(isMac ? event.metaKey : event.ctrlKey)) return;
    const tool = TOOLS.find(({ key }) => key === event.key.toLowerCase());
    if (!tool) return;
    event.preventDefault();
    tool.use(box);
  });
  // Above the box, also where the form lays label and box side by side.
  const frame = Object.assign(document.createElement("div"), { className: "markdown-box" });
  box.replaceWith(frame);
  frame.append(toolbar, box);
};

// The row that is copied for each new one is not itself filled in.
const addToolbars = (root) => {
  const boxes = root.querySelectorAll("textarea[data-preview]:read-write");
  for (const box of boxes) addToolbar(box);
};

addToolbars(document);
document.addEventListener("formset:added", ({ target }) => addToolbars(target));
