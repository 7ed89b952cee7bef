// What is marked in the document: the cited sentence, a pair of sentences, and words that were found.
import { state } from "./reader_state.js";
import { standing } from "./reader_text.js";
import { lang } from "./reader_words.js";

const folded = (text) => (text ?? "").normalize("NFC").replace(/\s+/gu, "");

/**
 * Mark the cited sentence, if it is certain that it is the one, and give back the element to show;
 * null where no sentence says, letter for letter, what the citation quotes.
 */
export function markCited(passage, words) {
  const quote = folded(words);
  const all = standing(passage).filter((e) => quote && folded(e.dataset.quote ?? e.textContent) === quote);
  if (!all.length) return null;
  all.forEach((e) => e.classList.add("cb-cited"));
  // Side by side the original leads; one above the other, the reader's language stands first.
  const sides = all[0].closest(".cb-row")?.children;
  const beside = sides?.length === 2
    && sides[0].getBoundingClientRect().top === sides[1].getBoundingClientRect().top;
  const main = beside ? all[0] : all.find((e) => e.closest("[lang]")?.lang === lang()) ?? all[0];
  main.setAttribute("aria-current", "true");
  return main;
}

/** A sentence and its translation light up together. */
export function pair(target) {
  for (const e of state.parts.body.querySelectorAll(".cb-paired")) e.classList.remove("cb-paired");
  const passage = target.closest?.(".cb-p")?.dataset.passage;
  if (!passage || state.mode !== "both") return;
  const both = standing(passage);
  if (both.length > 1) both.forEach((e) => e.classList.add("cb-paired"));
}

/** Mark where the words of `match` stand, and give back the first element; nothing without one. */
export function markFound(target = null, match = null) {
  state.parts.body.querySelectorAll(".cb-found").forEach((e) => e.classList.remove("cb-found"));
  globalThis.CSS.highlights?.delete("cb-found");
  if (!target) return null;
  const elements = standingAt(target, match);
  elements.forEach((e) => e.classList.add("cb-found"));
  if (!globalThis.Highlight) return elements[0];
  const ranges = [];
  for (const element of elements) {
    const translated = element.classList.contains("cb-t") && !element.classList.contains("cb-none");
    if (!match.passage || translated !== (match.side === "translation")) continue;
    for (const [from, to] of match.marks) {
      const range = between(element, from, to);
      if (range) ranges.push(range);
    }
  }
  if (ranges.length) CSS.highlights.set("cb-found", new Highlight(...ranges));
  return elements[0];
}

// Where the words stand: in the side that holds them, or in whatever of it is shown.
function standingAt(target, match) {
  const all = match.passage ? standing(match.passage) : [target];
  const side = all.filter((e) => e.classList.contains("cb-t") === (match.side === "translation"));
  return side.length ? side : all;
}

// A range of code points of an element's text.
function between(element, from, to) {
  const points = [...element.textContent];
  const start = points.slice(0, from).join("").length;
  const end = start + points.slice(from, to).join("").length;
  const range = document.createRange();
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let at = 0;
  let begun = false;
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const next = at + node.data.length;
    if (!begun && start < next) { range.setStart(node, start - at); begun = true; }
    if (begun && end <= next) { range.setEnd(node, end - at); return range; }
    at = next;
  }
  return null;
}
