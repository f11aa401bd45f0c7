// The way back to the list that a visitor came from, and the button that copies the citation.
// The page is kept for everybody, so that only the browser knows the list; without this file the links do.

const BACK = "list";
const back = document.getElementById("back");
const copy = document.getElementById("copy");

// The address of the list: whence the visitor came, or came before this and other programs in the same window.
function cameFrom() {
  const from = document.referrer ? new URL(document.referrer) : null;
  const isList = from?.origin === location.origin && from.pathname === back.pathname;
  try {
    if (isList) sessionStorage.setItem(BACK, from.href);
    return sessionStorage.getItem(BACK);
  } catch {
    return isList ? from.href : null; // where nothing may be stored
  }
}

const list = cameFrom();
if (list) {
  back.href = list;
  back.hidden = false;
}

if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const citation = document.getElementById("citation").textContent.trim().replace(/\s+/g, " ");
    const said = document.getElementById("copied");
    said.textContent = "";
    try {
      await navigator.clipboard.writeText(citation);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "The browser did not let it be copied: mark the text and copy it.";
    }
  });
}
