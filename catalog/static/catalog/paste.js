// Pasting into a text in Markdown: what Word, Google Docs and web pages lay on the clipboard becomes Markdown. Headings,
// bold, italic, links, lists, tables and line breaks stay; of everything else the words. Ctrl+Shift+V pastes as ever.

// --- Words: runs of text in one style become Markdown

const BREAK = "\n";
const ESCAPED = new RegExp(
  [
    /\\(?=[!-/:-@[-`{-~]|\n|$)/,
    /`/,
    /(?<=^|\S)\*|\*(?=\S|$)/, // 5 * 3 is no emphasis,
    /(?<![\p{L}\p{N}])_(?=\S|$)|(?<=^|\S)_(?![\p{L}\p{N}])/u, // nor is snake_case
    /\](?=\()/,
    /<(?=[a-z][a-z\d+.-]*:|[^\s<>]+@)/,
    /&(?=#?\w+;)/,
  ].map((sign) => sign.source).join("|"),
  "giu",
);
const AT_LINE_START = /^(?=#{1,6}(?:\s|$)|>|[-+*_](?:\s|$)|~~~|[-=|:][-=|: ]*$)|(?<=^\d{1,9})(?=[.)](?:\s|$))/gm;
// Punctuation goes out of bold and italic where a letter follows: **Note:**this is neither to Markdown.
const OPENING = /^(?:\\[\p{P}\p{S}]|[^\p{L}\p{N}*_\\])+/u;
const CLOSING = /(?:\\[\p{P}\p{S}]|[^\p{L}\p{N}*_\\])+$/u;
const isLetter = (character) => /[\p{L}\p{N}]/u.test(character);

const emphasis = (text, marker, before, after) => {
  const [, lead, words, trail] = /^(\s*)(.*?)(\s*)$/s.exec(text);
  const opening = (!lead && isLetter(before) && OPENING.exec(words)?.[0]) || "";
  const closing = (!trail && isLetter(after) && CLOSING.exec(words.slice(opening.length))?.[0]) || "";
  const core = words.slice(opening.length, words.length - closing.length);
  return core ? lead + opening + marker + core + marker + closing + trail : text;
};

const link = (text, href) => {
  const address = href.replace(/[\s<>()\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, "0")}`);
  if (text === address.replace(ESCAPED, "\\$&")) return `<${address}>`;
  const [, lead, words, trail] = /^(\s*)(.*?)(\s*)$/s.exec(text);
  return words ? `${lead}[${words}](${address.replace(/&(?=#?\w+;)/g, "\\&")})${trail}` : text;
};

// Stars may stand within a word, and underscores beside other stars.
const italicMarker = (isBold, before, after) => {
  if (isLetter(before) || isLetter(after)) return "*";
  return isBold || before === "*" || after === "*" ? "_" : "*";
};

const MARKED = {
  href: (text, run) => link(text, run.href),
  bold: (text, run, before, after) => emphasis(text, "**", before, after),
  italic: (text, run, before, after) => emphasis(text, italicMarker(run.bold, before, after), before, after),
};

const groupBy = (runs, style) => {
  const groups = [];
  for (const run of runs) {
    if (groups.length && groups.at(-1)[0][style] === run[style]) groups.at(-1).push(run);
    else groups.push([run]);
  }
  return groups;
};

// What stands beside a run once it is written: its neighbor's nearest character, or that of a marker between the two.
const edge = (run, neighbor, at) => {
  const character = neighbor.text.at(at);
  if (/\s/.test(run.text.at(-1 - at) + character)) return " ";
  if (neighbor.href && neighbor.href !== run.href) return "[";
  const isApart = neighbor.bold !== run.bold || neighbor.href !== run.href;
  return neighbor.italic > run.italic || (isApart && (neighbor.bold || neighbor.italic)) ? "*" : character;
};

const escapeWords = (runs) => {
  const [{ href, bold, italic }] = runs;
  let text = runs.map((run) => run.text).join("").replace(ESCAPED, "\\$&");
  if (href) text = text.replace(/(?<!\\)[[\]]/g, "\\$&");
  if (bold || italic) text = text.replace(/(?<![\\\p{L}\p{N}])[*_]/gu, "\\$&");
  return text;
};

const write = (runs, [style, ...inner] = Object.keys(MARKED), before = "", after = "") => {
  if (!style) return escapeWords(runs);
  const groups = groupBy(runs, style);
  return groups.map((group, i) => {
    const left = i > 0 ? edge(group[0], groups[i - 1].at(-1), -1) : before;
    const right = i < groups.length - 1 ? edge(group.at(-1), groups[i + 1][0], 0) : after;
    if (!group[0][style]) return write(group, inner, left, right);
    const [first, last] = style === "href" ? ["[", "]"] : [left, right];
    return MARKED[style](write(group, inner, first, last), group[0], left, right);
  }).join("");
};

// White space as a browser shows it: one space between words, none at the ends of a line.
const settle = (runs) => {
  const settled = [];
  for (const run of runs) {
    const last = settled.at(-1);
    let text = run.text === BREAK ? BREAK : run.text.replace(/\s+/g, " ");
    if (last && text === BREAK) last.text = last.text.trimEnd();
    else if (!last || /\s$/.test(last.text)) text = text.trimStart();
    if (text) settled.push({ ...run, text });
  }
  if (settled.length) settled.at(-1).text = settled.at(-1).text.trimEnd();
  return settled.filter(({ text }) => text);
};

const isBlank = (runs) => runs.every(({ text }) => !text.trim());

const linesOf = (runs) => {
  const lines = [[]];
  for (const run of runs) {
    if (run.text === BREAK) lines.push([]);
    else lines.at(-1).push(run);
  }
  return lines;
};

const withoutStart = (runs, length) => {
  let left = length;
  return runs.map((run) => {
    const cut = Math.min(left, run.text.length);
    left -= cut;
    return { ...run, text: run.text.slice(cut) };
  });
};

// --- Blocks: paragraphs, headings, items of lists and tables, as Markdown

const DEEPEST = 5; // of lists in each other, as pages show them (catalog/values/richtext.py)

const bulletOf = (item, beside) => {
  if (!item?.isOrdered) return { bullet: item ? "- " : "" };
  const number = beside?.number ? beside.number + 1 : item.start;
  return { bullet: `${number}. `, number };
};

const join = (blocks) => {
  const open = []; // the items that the next block may be a part of
  let markdown = "";
  blocks.forEach((block, i) => {
    const { depth, item, heading, text } = block;
    while (open.at(-1)?.depth > depth) open.pop();
    const isBeside = item && (open.at(-1)?.depth === depth || open.length === DEEPEST);
    const { bullet, number } = bulletOf(item, isBeside ? open.pop() : null);
    const indent = open.reduce((sum, { width }) => sum + width, 0);
    if (item) open.push({ depth, width: bullet.length, number });
    const lines = ((heading ? `${"#".repeat(heading)} ` : "") + text).split("\n");
    if (i > 0) markdown += item && blocks[i - 1].item ? "\n" : "\n\n";
    markdown += " ".repeat(indent) + bullet + lines.join(`\n${" ".repeat(indent + bullet.length)}`);
  });
  return markdown;
};

// --- HTML: a tree of elements becomes blocks

const HIDDEN = "head, link, meta, noscript, object, script, svg, template, title, [hidden]";
const BLOCKS = new Set(
  `address article aside blockquote caption center dd details div dl dt fieldset figcaption figure footer form
  h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table ul`.split(/\s+/),
);
// The signs that stand for an item in a text without lists; "o" and "§" are words too, and so need a wider space.
const BULLET = /^([ \t\u00a0\n]*)(?:([•·▪◦‣●○■□–\uf0b7\uf0a7])[ \t\u00a0\n]|([o§])(?:\t|[ \u00a0]{2}))[ \t\u00a0\n]*/;

const declared = (element, property) =>
  new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]*)`, "i").exec(element.dataset.style ?? "")?.[1].trim() ?? "";

const isHidden = (element) =>
  element.matches(HIDDEN) || declared(element, "display") === "none" || /^ignore$/i.test(declared(element, "mso-list"));

const UNSTYLED = { href: "", bold: false, italic: false };

const styleOf = (element, around) => {
  const [weight, slant] = [declared(element, "font-weight"), declared(element, "font-style")];
  const href = element.matches("a[href]") ? element.getAttribute("href").trim() : "";
  return {
    href: /^(?:https?|mailto):/i.test(href) ? href : around.href,
    bold: weight ? /^(?:bold|[6-9]00)/.test(weight) : around.bold || element.matches("b, strong"),
    italic: slant ? /^(?:italic|oblique)/.test(slant) : around.italic || element.matches("i, em, cite"),
  };
};

// A table as rows of equal length, the cells that others reach into left empty.
const gridOf = (table) => {
  const rows = [...table.rows];
  const grid = rows.map(() => []);
  rows.forEach((row, y) => {
    for (const cell of row.cells) {
      const free = grid[y].findIndex((text) => text === undefined);
      const x = free < 0 ? grid[y].length : free;
      for (let down = 0; down < Math.max(cell.rowSpan, 1) && grid[y + down]; down += 1) {
        for (let right = 0; right < cell.colSpan; right += 1) grid[y + down][x + right] = down || right ? "" : wordsOf(cell);
      }
    }
  });
  const width = Math.max(...grid.map((row) => row.length));
  const full = grid.map((row) => Array.from({ length: width }, (_, x) => row[x] ?? ""));
  return full.filter((row) => row.some(Boolean));
};

const wordsOf = (cell) => {
  const blocks = new Reader().blocksOf(cell);
  const words = blocks.map(({ item, text }) => (item ? `• ${text}` : text)).join(" ");
  return words.replace(/\\?\n/g, " ").replaceAll("|", "\\|");
};

const tableOf = ([head, ...rows]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

class Reader {
  blocks = [];
  runs = []; // the words since the last block
  depth = 0; // of the lists around
  item = null; // the item of a list that has no words yet
  isFormatted = false;

  blocksOf(element) {
    this.read(element, UNSTYLED);
    this.end();
    return this.blocks;
  }

  read(node, style) {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) this.runs.push({ ...style, text: child.data.replaceAll("\n", " ") });
      else if (child.nodeType === Node.ELEMENT_NODE && !isHidden(child)) this.readElement(child, styleOf(child, style));
    }
  }

  readElement(element, style) {
    const name = element.localName;
    if (name === "br") this.runs.push({ ...style, text: BREAK });
    else if (!BLOCKS.has(name)) this.read(element, style);
    else {
      this.end();
      this.readBlock(element, name, style);
      this.end();
    }
  }

  readBlock(element, name, style) {
    const wordLevel = /level(\d)/.exec(declared(element, "mso-list"))?.[1];
    if (name === "table") this.readTable(element);
    else if (name === "ul" || name === "ol") this.readList(element, style);
    else if (name === "li") this.readItem(element, style, Number(element.dataset.ariaLevel) || this.depth, listOf(element));
    else if (/^h\d$/.test(name)) this.readHeading(element, Number(name[1]));
    else if (wordLevel) this.readItem(element, style, Number(wordLevel), wordListOf(element));
    else this.read(element, style);
  }

  readList(element, style) {
    this.depth += 1;
    this.read(element, style);
    this.depth -= 1;
  }

  readItem(element, style, depth, item) {
    const around = this.depth;
    Object.assign(this, { depth, item });
    this.read(element, style);
    this.end();
    Object.assign(this, { depth: around, item: null });
  }

  readHeading(element, heading) {
    this.read(element, UNSTYLED);
    const words = this.runs.splice(0);
    this.add(words.map(({ text, href }) => ({ ...UNSTYLED, text: text === BREAK ? " " : text, href })), { heading });
  }

  readTable(table) {
    const grid = gridOf(table);
    if (table.caption) this.readElement(table.caption, UNSTYLED);
    if (grid.length === 1 && grid[0].length === 1) this.read(table.rows[0], UNSTYLED);
    else if (grid.length) this.push({ text: tableOf(grid) }, true);
  }

  // Words have come to an end: a paragraph, or several where lines are blank or begin with bullets.
  end() {
    let paragraph = [];
    for (const line of linesOf(this.runs.splice(0))) {
      const bullet = BULLET.exec(line.map(({ text }) => text).join(""));
      if (bullet || isBlank(line)) {
        this.add(paragraph);
        paragraph = [];
      }
      if (bullet) this.addBullet(withoutStart(line, bullet[0].length));
      else if (!isBlank(line)) paragraph = paragraph.length ? [...paragraph, { ...line[0], text: BREAK }, ...line] : line;
    }
    this.add(paragraph);
  }

  addBullet(words) {
    const around = this.depth;
    if (!this.item) Object.assign(this, { item: { isOrdered: false }, depth: around + 1 });
    this.add(words);
    this.depth = around;
  }

  add(runs, block = {}) {
    const words = settle(runs);
    const isStyled = words.some(({ bold, italic, href }) => bold || italic || href);
    const text = write(words).replaceAll("\n", "\\\n").replace(AT_LINE_START, "\\");
    if (text) this.push({ ...block, text }, isStyled || Boolean(block.heading));
  }

  push(block, isFormatted) {
    this.isFormatted ||= isFormatted || Boolean(this.item) || this.blocks.length > 0;
    this.blocks.push({ ...block, depth: this.depth, item: this.item });
    this.item = null;
  }
}

const listOf = ({ parentElement }) => ({ isOrdered: parentElement.localName === "ol", start: parentElement.start ?? 1 });

// Word writes a paragraph, with the bullet or the number in a span of its own.
const wordListOf = (paragraph) => {
  const marker = [...paragraph.querySelectorAll("[data-style]")].find(isHidden)?.textContent.trim() ?? "";
  return { isOrdered: /^\(?[\da-z]{1,5}[.)]/i.test(marker), start: parseInt(marker, 10) || 1 };
};

// Editors of code lay colored lines on the clipboard: that text is meant as it stands.
const isCode = ({ children: [only, second] }) =>
  !second && Boolean(only) && (only.localName === "pre" || declared(only, "white-space") === "pre");

const fromHtml = (html) => {
  // Styles are read, never applied: the policy of the page, which reports each one, holds for what is parsed as well.
  const unstyled = html
    .replace(/<(\/?)style\b/gi, "<$1template")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/(?<=[\s"'])style(?=\s*=)/gi, "data-style"));
  const { body } = new DOMParser().parseFromString(unstyled, "text/html");
  if (isCode(body)) return "";
  const reader = new Reader();
  const blocks = reader.blocksOf(body);
  return reader.isFormatted ? join(blocks) : "";
};

// --- Plain text: lines that begin with bullets become a list, the others stay

// Other bullets at the same indent are a list within: Word writes it so.
const nest = (open, { indent, sign }) => {
  const at = open.findIndex((list) => list.indent === indent && list.sign === sign);
  return at < 0 ? [...open.filter((list) => list.indent <= indent), { indent, sign }] : open.slice(0, at + 1);
};

const fromText = (text) => {
  const blocks = [];
  let open = []; // the lists around
  let isNew = true; // after a blank line
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const [start, space, sign, letter] = BULLET.exec(line) ?? [];
    const last = blocks.at(-1);
    if (start && start !== line) {
      open = nest(open, { indent: space.length, sign: sign ?? letter });
      blocks.push({ depth: open.length, item: { isOrdered: false }, text: line.slice(start.length) });
    } else if (line.trim() && !isNew && (!last.item || /^\s/.test(line))) {
      last.text += last.item ? ` ${line.trim()}` : `\n${line}`;
    } else if (line.trim()) {
      open = [];
      blocks.push({ depth: 0, item: null, text: line });
    }
    isNew = !line.trim();
  }
  return blocks.some(({ item }) => item) ? join(blocks) : "";
};

// --- The box

const STANDS_ALONE = /^ *(?:- |\d+\. |#{1,6} |\| )/;

// Lists, headings and tables have lines of their own.
const withRoom = (box, markdown) => {
  const lines = markdown.split("\n");
  const [before, after] = [box.value.slice(0, box.selectionStart), box.value.slice(box.selectionEnd)];
  const above = STANDS_ALONE.test(lines[0]) && /[^\n]$/.test(before) ? "\n\n" : "";
  const below = STANDS_ALONE.test(lines.at(-1)) && /^[^\n]/.test(after) ? "\n\n" : "";
  return above + markdown + below;
};

const insert = (box, text) => {
  // Deprecated, and the only way that can be taken back by Ctrl+Z; where there is none, the text goes in all the same.
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromPaste" }));
};

let isPlain = false;
const notePlain = ({ type, shiftKey, key, code }) => {
  isPlain = type === "keydown" && shiftKey && (key.toLowerCase() === "v" || code === "KeyV");
};
document.addEventListener("keydown", notePlain);
document.addEventListener("keyup", notePlain);

document.addEventListener("paste", (event) => {
  const box = event.target;
  if (isPlain || !box.matches?.("textarea[data-preview]:read-write")) return;
  const markdown = fromHtml(event.clipboardData.getData("text/html")) || fromText(event.clipboardData.getData("text/plain"));
  if (!markdown) return;
  event.preventDefault();
  insert(box, withRoom(box, markdown));
});
