// The card at a marker: page, section, quote, unofficial translation, stance and support, without
// leaving the text. Hover, focus or a first tap shows it; Esc, a tap elsewhere or leaving hides it.
const WORDS = {
  ko: { open: "문서에서 보기", label: "출처 미리 보기", cite: "출처" },
  en: { open: "See in the document", label: "Preview of the source", cite: "Source" },
};
const DELAY = 180; // ms before a hover shows it, and before leaving hides it
const EDGE = 12; // px to the sides of the window
let card = null;
let marker = null;
let timer = 0;

/** The citation that a marker, a number or a link stands for: {document, passage, n}, or null. */
export function citationOf(link) {
  const card = link.closest(".cb-source") ?? sourceOf(link);
  const address = card?.querySelector("a.cb-open")?.href;
  if (!address) return null;
  const url = new URL(address, document.baseURI);
  const passage = url.searchParams.get("around");
  const id = decodeURIComponent(url.pathname.split("/").at(-1));
  const n = card.querySelector(".cb-number").textContent.trim();
  return { document: id, passage, n };
}

/** The card of the source that a marker stands for, in the same answer. */
export function sourceOf(link) {
  const card = link.hash ? document.getElementById(link.hash.slice(1)) : null;
  return card?.matches(".cb-source") ? card : null;
}

/** The marker that is being previewed, if any. */
export const shownAt = () => marker;

/** Hide the card. */
export function hide() {
  clearTimeout(timer);
  marker?.removeAttribute("aria-describedby");
  card?.remove();
  card = marker = null;
}

/** Show the card of `link`; `touch` says that a finger asked for it. */
export function show(link, touch = false) {
  clearTimeout(timer);
  if (marker === link) return;
  hide();
  const source = sourceOf(link);
  if (!source) return;
  const lang = document.documentElement.dataset.lang === "en" ? "en" : "ko";
  card = document.createElement("div");
  card.id = "cb-popover";
  card.className = "cb-popover";
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", WORDS[lang].label);
  const where = document.createElement("p");
  where.className = "cb-where";
  const number = document.createElement("b");
  number.className = "cb-popover-n";
  number.textContent = citationOf(link)?.n ?? "";
  where.append(number, source.querySelector(".cb-place").cloneNode(true));
  const pair = source.querySelector(".cb-pair").cloneNode(true);
  card.append(where, pair, borne(link));
  if (touch) {
    const open = document.createElement("button");
    open.type = "button";
    open.className = "cb-popover-open";
    open.textContent = WORDS[lang].open;
    open.addEventListener("click", () => { const at = marker; hide(); at.click(); });
    card.append(open);
  }
  card.querySelectorAll("[id]").forEach((e) => e.removeAttribute("id"));
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", later);
  marker = link;
  document.body.append(card);
  link.setAttribute("aria-describedby", card.id);
  place();
}

// Stance, verdict and support of the very sentence in which the marker stands.
function borne(link) {
  const line = document.createElement("p");
  line.className = "cb-support";
  const one = document.createElement("span");
  one.className = "cb-borne";
  for (const badge of link.closest(".cb-sentence")?.querySelectorAll(".cb-marks > .cb-stance, .cb-marks > .cb-verified") ?? []) {
    one.append(badge.cloneNode(true));
    if (!badge.title) continue;
    const support = document.createElement("span");
    support.textContent = badge.title;
    one.append(support);
  }
  line.append(one);
  return line;
}

// Under the marker's line, or over it where there is more room; never on it, never out of sight.
function place() {
  const spot = [...marker.getClientRects()].at(-1) ?? marker.getBoundingClientRect();
  const width = Math.min(460, innerWidth - 2 * EDGE);
  card.style.width = `${width}px`;
  const line = Math.max(spot.height, 26);
  const middle = (spot.top + spot.bottom) / 2;
  const below = innerHeight - (middle + line / 2) - 6 - EDGE;
  const above = middle - line / 2 - 6 - EDGE;
  const height = card.offsetHeight;
  const under = height <= below || below >= above;
  card.style.maxHeight = `${Math.max(under ? below : above, 80)}px`;
  const tall = Math.min(height, under ? below : above);
  card.style.top = `${under ? middle + line / 2 + 6 : middle - line / 2 - 6 - tall}px`;
  const left = Math.min(spot.left - 24, innerWidth - width - EDGE);
  card.style.left = `${Math.max(left, EDGE)}px`;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(hide, DELAY);
}

/** Listen. */
export function start() {
  const of = (event) => (event.target instanceof Element ? event.target.closest(".cb-answer .cb-marker") : null);
  document.addEventListener("pointerover", (event) => {
    const link = of(event);
    if (!link || event.pointerType === "touch") return;
    clearTimeout(timer);
    if (link !== marker) timer = setTimeout(() => show(link), DELAY);
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType !== "touch" && of(event)) later();
  });
  document.addEventListener("focusin", (event) => {
    const link = of(event);
    if (link?.matches(":focus-visible")) show(link);
    else if (marker && !card.contains(event.target) && event.target !== marker) hide();
  });
  document.addEventListener("pointerdown", (event) => {
    if (marker && !card.contains(event.target) && of(event) !== marker) hide();
  }, true);
  // A long press is a preview, not the browser's menu for links.
  document.addEventListener("contextmenu", (event) => {
    const link = of(event);
    if (!link || event.pointerType !== "touch") return;
    event.preventDefault();
    show(link, true);
  });
  document.addEventListener("scroll", (event) => {
    if (marker && !card.contains(event.target)) hide();
  }, true);
  addEventListener("resize", hide);
}
