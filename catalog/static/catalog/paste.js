// Pasting into a text in Markdown: what Word, Google Docs and web pages lay on the clipboard becomes Markdown. Headings,
// bold, italic, links, lists, tables and line breaks stay; of everything else the words. Ctrl+Shift+V pastes as ever.

// --- Words: runs of text in one style become Markdown

const BREAK = "\n";
const ESCAPED = new RegExp(
  [
    /\\(?=[!-/:-@[-`{-~]|\n|$)/,
    /`/,
    /(?<=^|\S)\*|\*(?=\S|$)/, // 5 * 3 is no emphasis,
    /(?<![\p{L}\p{N}])_(?=\S)|(?<=\S)_(?![\p{L}\p{N}])/u, // nor is snake_case
    /\](?=\()/,
    /<(?=[a-z][a-z\d+.-]*:|[^\s<>]+@)/,
    /&(?=#?\w+;)/,
  ].map((sign) => sign.source).join("|"),
  "giu",
);
const AT_LINE_START = /^(?=#{1,6}(?:\s|$)|>|[-+*_](?:\s|$)|~~~|[-=|:][-=|: ]*$)|(?<=^\d{1,9})(?=[.)](?:\s|$))/gm;
// Punctuation goes out of bold and italic where a letter follows: **Note:**this is neither to Markdown.
const OPENING = /^(?:["'“‘«([¿¡§#%&/–—-]|\\[[`])+/;
const CLOSING = /[)"'”’»\].,:;!?…%/–—-]+$/;
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

const MARKED = {
  href: (text, run) => link(text, run.href),
  bold: (text, run, before, after) => emphasis(text, "**", before, after),
  italic: (text, run, before, after) => emphasis(text, before === "*" || after === "*" ? "_" : "*", before, after),
};

const groupBy = (runs, style) => {
  const groups = [];
  for (const run of runs) {
    if (groups.length && groups.at(-1)[0][style] === run[style]) groups.at(-1).push(run);
    else groups.push([run]);
  }
  return groups;
};

// What stands beside a group: the neighbor's nearest character, or that of its marker.
const edge = (run, at) => {
  const character = run.text.at(at);
  if (/\s/.test(character)) return " ";
  if (run.bold || run.italic) return "*";
  return run.href ? "[" : character;
};

const escapeWords = (run, isInLink) => {
  const text = run.text.replace(ESCAPED, "\\$&");
  return isInLink ? text.replace(/(?<!\\)[[\]]/g, "\\$&") : text;
};

const write = (runs, [style, ...inner] = Object.keys(MARKED), before = "", after = "") => {
  if (!style) return runs.map((run) => escapeWords(run, run.href)).join("");
  const groups = groupBy(runs, style);
  return groups.map((group, i) => {
    const left = i > 0 ? edge(groups[i - 1].at(-1), -1) : before;
    const right = i < groups.length - 1 ? edge(groups[i + 1][0], 0) : after;
    if (!group[0][style]) return write(group, inner, left, right);
    const marker = style === "href" ? "[" : "*";
    return MARKED[style](write(group, inner, marker, marker), group[0], left, right);
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
  const [first, ...others] = runs;
  if (!first || !length) return runs;
  if (first.text.length <= length) return withoutStart(others, length - first.text.length);
  return [{ ...first, text: first.text.slice(length) }, ...others];
};

// --- Blocks: paragraphs, headings, items of lists and tables, as Markdown

// Pages show lists in each other so deep (catalog/values/richtext.py).
const DEEPEST = 5;

const bulletOf = (item, beside) => {
  if (!item) return { bullet: "" };
  if (!item.isOrdered) return { bullet: "- " };
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
  "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table ul".split(" "),
);
// The signs that stand for an item in a text without lists; "o" and "§" are words too, and so need a wider space.
const BULLET = /^[ \t\u00a0\n]*(?:([•·▪◦‣●○■□–\uf0b7\uf0a7])[ \t\u00a0\n]|([o§])(?:\t|[ \u00a0]{2}))[ \t\u00a0\n]*/;

const declared = (element, property) =>
  new RegExp(`(?:^|;)\\s*${property}\\s*:\\s*([^;]*)`, "i").exec(element.dataset.style ?? "")?.[1].trim() ?? "";

const isHidden = (element) =>
  element.matches(HIDDEN) || declared(element, "display") === "none" || /^ignore$/i.test(declared(element, "mso-list"));

const styleOf = (element, around) => {
  const style = { ...around };
  const [weight, slant] = [declared(element, "font-weight"), declared(element, "font-style")];
  if (weight) style.bold = /^(?:bold|bolder|[6-9]00)/.test(weight);
  else if (element.matches("b, strong")) style.bold = true;
  if (slant) style.italic = /^(?:italic|oblique)/.test(slant);
  else if (element.matches("i, em, cite")) style.italic = true;
  const href = element.matches("a[href]") ? element.getAttribute("href").trim() : "";
  if (/^(?:https?|mailto):/i.test(href)) style.href = href;
  return style;
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
    this.read(element, {});
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
    this.end();
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
    this.read(element, {});
    const words = this.runs.map(({ text, href }) => ({ text: text === BREAK ? " " : text, href }));
    this.runs = [];
    this.add(words, { heading });
  }

  readTable(table) {
    const grid = gridOf(table);
    if (table.caption) this.readElement(table.caption, {});
    if (grid.length === 1 && grid[0].length === 1) this.read(table.rows[0], {});
    else if (grid.length) this.push({ text: tableOf(grid) }, true);
  }

  // Words have come to an end: a paragraph, or several where lines are blank or begin with bullets.
  end() {
    let lines = [];
    const runs = this.runs;
    this.runs = [];
    for (const line of linesOf(runs)) {
      const bullet = BULLET.exec(line.map(({ text }) => text).join(""));
      if (lines.length && (bullet || isBlank(line))) {
        this.add(lines);
        lines = [];
      }
      if (bullet) this.addBullet(withoutStart(line, bullet[0].length));
      else if (!isBlank(line)) lines = lines.length ? [...lines, { ...line[0], text: BREAK }, ...line] : line;
    }
    this.add(lines);
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

// Styles are read, never applied: the policy of the page, which reports each one, holds for what is parsed as well.
const parse = (html) => {
  const unstyled = html
    .replace(/<(\/?)style\b/gi, "<$1template")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/(?<=[\s"'])style(?=\s*=)/gi, "data-style"));
  return new DOMParser().parseFromString(unstyled, "text/html");
};

const fromHtml = (html) => {
  const { body } = parse(html);
  if (isCode(body)) return "";
  const reader = new Reader();
  const blocks = reader.blocksOf(body);
  return reader.isFormatted ? join(blocks) : "";
};

// --- Plain text: lines that begin with bullets become a list, the others stay

const LINE = /^([ \t\u00a0]*)(?:([•·▪◦‣●○■□–\uf0b7\uf0a7])[ \t\u00a0]|([o§])(?:\t|[ \u00a0]{2})|(\d{1,3})[.)]\t)\s*(.*)$/;

const fromText = (text) => {
  const blocks = [];
  let open = []; // the kinds of items around, by their indent and bullet
  let isNew = true;
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const [, indent, bullet, letter, number, words] = LINE.exec(line) ?? [];
    const last = blocks.at(-1);
    if (words) {
      const kind = { indent: indent.length, bullet: bullet ?? letter ?? "1" };
      const at = open.findIndex((one) => one.indent === kind.indent && one.bullet === kind.bullet);
      // Other bullets at the same indent are a list within, as Word writes it; numbers are not.
      const around = open.filter(({ indent: other }) => other < kind.indent || (other === kind.indent && !number));
      open = at < 0 ? [...around, kind] : open.slice(0, at + 1);
      blocks.push({ depth: open.length, item: { isOrdered: Boolean(number), start: Number(number) }, text: words });
    } else if (last?.item && /^\s+\S/.test(line)) last.text += ` ${line.trim()}`;
    else if (line.trim() && !isNew && !last.item) last.text += `\n${line}`;
    else if (line.trim()) blocks.push({ depth: 0, item: null, text: line });
    if (line.trim() && !words) open = [];
    isNew = !line.trim() || !blocks.length;
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
const notePlain = ({ type, shiftKey, key }) => { isPlain = type === "keydown" && shiftKey && key.toLowerCase() === "v"; };
document.addEventListener("keydown", notePlain);
document.addEventListener("keyup", notePlain);

document.addEventListener("paste", (event) => {
  const box = event.target;
  if (isPlain || !box.matches("textarea[data-preview]:read-write")) return;
  const markdown = fromHtml(event.clipboardData.getData("text/html")) || fromText(event.clipboardData.getData("text/plain"));
  if (!markdown) return;
  event.preventDefault();
  insert(box, withRoom(box, markdown));
});
