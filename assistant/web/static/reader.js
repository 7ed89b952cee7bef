// The pane in which the cited document is read beside the chat: whole, in the original, the
// translation or both, at the cited sentence. Better no highlight than a wrong one: a sentence is
// marked only where the passage is found and says, letter for letter, what the citation quotes.
import * as popover from "./popover.js";

const WORDS = {
  ko: {
    pane: "근거 문서", page: "{page}쪽", close: "닫기", back: "대화로 돌아가기", modes: "보기 방식",
    original: "원문", translation: "번역", both: "함께",
    search: "문서에서 찾기", next: "다음 결과", previous: "이전 결과", none: "결과 없음",
    nextCitation: "다음 출처 (→)", previousCitation: "이전 출처 (←)", citation: "출처 {n} / {all}",
    unsure: "인용문의 자리를 확실히 찾지 못해 표시하지 않았습니다.",
    loading: "문서를 여는 중…", failed: "문서를 열지 못했습니다.", retry: "다시 시도",
    ask: "이 문장에 대해 묻기", question: "“{text}” 이 대목을 문서에 근거해 자세히 설명해 주세요.",
    bare: "이 문서는 번역이 없습니다", more: "{all}건 중 {shown}건까지만 이동할 수 있습니다",
    help: "단축키: ← → 출처 이동 · ↑ ↓ 문장 이동 · A 이 문장에 대해 묻기 · / 찾기 · Esc 닫기",
  },
  en: {
    pane: "Source document", page: "p. {page}", close: "Close", back: "Back to the conversation", modes: "View",
    original: "Original", translation: "Translation", both: "Both",
    search: "Find in the document", next: "Next result", previous: "Previous result", none: "No results",
    nextCitation: "Next source (→)", previousCitation: "Previous source (←)", citation: "Source {n} of {all}",
    unsure: "The quote could not be located for certain, so nothing is highlighted.",
    loading: "Opening the document…", failed: "The document could not be opened.", retry: "Try again",
    ask: "Ask about this", question: "Please explain this passage, based on the document: “{text}”",
    bare: "This document has no translation", more: "only the first {shown} of {all} can be visited",
    help: "Keys: ← → sources · ↑ ↓ sentences · A ask about this · / find · Esc close",
  },
};
const LONGEST = 400; // characters of a selection that a question takes
const root = document.documentElement;
const lang = () => (root.dataset.lang === "en" ? "en" : "ko");
const say = (key, values = {}) =>
  WORDS[lang()][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const folded = (text) => (text ?? "").normalize("NFC").replace(/\s+/gu, "");

let pane = null;
let parts = {}; // the pane's own elements, by name
let watcher = null; // fills the document's parts as they come near
let turn = 0; // of what is being loaded: what comes late is dropped
let mode = "original";
let shown = null; // {document, passage, quote, from, card}
let results = { query: "", matches: [], total: 0, at: -1 };

/** Build the pane and listen for citations. */
export function start() {
  if (pane) return;
  popover.start();
  build();
  document.addEventListener("click", clicked, true);
  document.addEventListener("cb:open-citation", (event) => open(event.detail));
  document.addEventListener("keydown", pressed);
  document.addEventListener("selectionchange", () => requestAnimationFrame(offer));
  let spoken = lang();
  new MutationObserver(() => {
    if (lang() === spoken) return;
    spoken = lang();
    label();
    if (shown) load();
  }).observe(root, { attributes: true, attributeFilter: ["data-lang"] });
  addEventListener("resize", () => { if (shown) seclude(); });
}

// --- the pane -------------------------------------------------------------------------------------

function make(tag, name, attributes = {}) {
  const element = document.createElement(tag);
  if (name) element.className = `cb-reader-${name}`;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (name) parts[name] = element;
  if (tag === "button") element.type = "button";
  return element;
}

function build() {
  pane = make("aside", "", { id: "cb-reader", role: "complementary", hidden: "" });
  const bar = make("header", "bar");
  const top = make("div", "top");
  make("button", "back").append("←");
  make("button", "close", { "aria-keyshortcuts": "Escape" }).append("✕");
  const heading = make("div", "heading");
  heading.append(make("h2", "title"), make("p", "where"));
  top.append(parts.back, heading, parts.close);
  const tools = make("div", "tools");
  const modes = make("div", "modes", { role: "group" });
  for (const name of ["original", "translation", "both"]) {
    const button = make("button", `mode-${name}`);
    button.addEventListener("click", () => { mode = name; load(); });
    modes.append(button);
  }
  const steps = make("div", "steps", { role: "group" });
  make("button", "previous", { "aria-keyshortcuts": "ArrowLeft" }).append("‹");
  make("span", "count");
  make("button", "next", { "aria-keyshortcuts": "ArrowRight" }).append("›");
  steps.append(parts.previous, parts.count, parts.next);
  tools.append(modes, make("span", "pdf"), steps);
  const search = make("div", "search", { role: "search" });
  make("input", "query", { type: "search", maxlength: "200", "aria-keyshortcuts": "/", autocomplete: "off", enterkeyhint: "search" });
  make("span", "hits", { role: "status", "aria-live": "polite" });
  make("button", "up").append("↑");
  make("button", "down").append("↓");
  search.append(parts.query, parts.hits, parts.up, parts.down);
  make("p", "edition", { hidden: "" });
  bar.append(top, tools, search, parts.edition);
  make("p", "notice", { role: "status", hidden: "" });
  make("div", "body", { tabindex: "-1" });
  make("p", "help");
  pane.append(bar, parts.notice, parts.body, parts.help);
  const ask = make("button", "ask", { hidden: "", "aria-keyshortcuts": "a" });
  pane.append(ask);
  document.body.append(pane);

  parts.close.addEventListener("click", close);
  parts.back.addEventListener("click", close);
  parts.previous.addEventListener("click", () => step(-1));
  parts.next.addEventListener("click", () => step(1));
  parts.up.addEventListener("click", () => visit(results.at - 1));
  parts.down.addEventListener("click", () => visit(results.at + 1));
  ask.addEventListener("pointerdown", (event) => event.preventDefault()); // keep the selection
  ask.addEventListener("click", () => question(ask.dataset.text));
  let wait = 0;
  parts.query.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(find, 220);
  });
  parts.query.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    clearTimeout(wait);
    if (parts.query.value.trim() !== results.query) find();
    else visit(results.at + (event.shiftKey ? -1 : 1));
  });
  parts.body.addEventListener("click", inside);
  parts.body.addEventListener("pointerover", (event) => pair(event.target));
  parts.body.addEventListener("focusin", (event) => { pair(event.target); rove(event.target); });
  parts.body.addEventListener("scroll", () => { parts.ask.hidden = true; }, { passive: true });
  watcher = new IntersectionObserver((seen) => {
    for (const one of seen) if (one.isIntersecting) fill(one.target);
  }, { root: parts.body, rootMargin: "900px 0px" });
  label();
}

function label() {
  pane.setAttribute("aria-label", say("pane"));
  pane.lang = lang();
  const named = { close: "close", back: "back", up: "previous", down: "next", previous: "previousCitation", next: "nextCitation" };
  for (const [name, key] of Object.entries(named)) {
    parts[name].setAttribute("aria-label", say(key));
    parts[name].title = say(key);
  }
  parts.close.title = `${say("close")} (Esc)`;
  parts.modes.setAttribute("aria-label", say("modes"));
  for (const name of ["original", "translation", "both"]) parts[`mode-${name}`].textContent = say(name);
  parts.query.placeholder = say("search");
  parts.query.setAttribute("aria-label", say("search"));
  parts.query.title = `${say("search")} (/)`;
  parts.ask.textContent = say("ask");
  parts.ask.title = `${say("ask")} (A)`;
  parts.help.textContent = say("help");
  count();
}

// --- opening and closing --------------------------------------------------------------------------

function clicked(event) {
  const link = event.target.closest?.(".cb-answer :is(.cb-marker, .cb-number, .cb-open)");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  const card = link.closest(".cb-source") ?? popover.sourceOf(link);
  document.querySelectorAll(".cb-shown").forEach((e) => e.classList.remove("cb-shown"));
  card?.classList.add("cb-shown");
  const cited = popover.citationOf(link);
  if (!cited) { // of a conversation that was kept before documents could be read
    document.getElementById(link.hash.slice(1))?.scrollIntoView({ block: "center", behavior: "smooth" });
    return;
  }
  const touched = event.pointerType === "touch";
  if (touched && link.matches(".cb-marker") && popover.shownAt() !== link) {
    popover.show(link, true);
    return;
  }
  popover.hide();
  document.dispatchEvent(new CustomEvent("cb:open-citation", {
    detail: { document: cited.document, passage: cited.passage, lang: lang(), from: link },
  }));
}

/** Open the pane at a citation: {document, passage, from?, quote?}; the quote is the card's. */
function open({ document: id, passage = null, from = null, quote = null }) {
  const answer = from?.closest?.(".cb-answer");
  const card = passage && answer ? cards(answer).find((e) => popover.citationOf(e).passage === passage) : null;
  const words = quote ?? card?.querySelector(".cb-quote > p:not(.cb-label)")?.textContent ?? null;
  if (shown?.document !== id) search_reset();
  shown = { document: id, passage, quote: words, from, card, answer, href: from?.getAttribute?.("href") };
  pane.hidden = false;
  root.classList.add("cb-reading");
  seclude();
  if (from && innerWidth >= 1200) requestAnimationFrame(() => from.scrollIntoView({ block: "nearest" }));
  load();
}

function close() {
  if (!shown) return;
  const { from, href } = shown;
  turn += 1;
  shown = null;
  pane.hidden = true;
  parts.ask.hidden = true;
  root.classList.remove("cb-reading");
  seclude();
  const again = from?.isConnected ? from
    : href && document.querySelector(`.cb-answer a[href="${CSS.escape(href)}"]`);
  if (again) again.focus({ preventScroll: false });
}

// A sheet over the whole window keeps the keyboard in it.
function seclude() {
  const sheet = Boolean(shown) && innerWidth < 900;
  for (const child of document.body.children) {
    if (child !== pane && !child.matches("script, style, dialog")) child.inert = sheet;
  }
}

async function load() {
  const mine = (turn += 1);
  const { document: id, passage } = shown;
  parts.ask.hidden = true;
  tell("");
  head();
  const waiting = setTimeout(() => { if (mine === turn) note(say("loading")); }, 150);
  let reply = null;
  let text = "";
  try {
    const around = passage ? `&around=${encodeURIComponent(passage)}` : "";
    reply = await fetch(`read/${encodeURIComponent(id)}?mode=${mode}&lang=${lang()}${around}`);
    text = await reply.text();
  } catch { reply = null; }
  clearTimeout(waiting);
  if (mine !== turn) return;
  if (!reply || (!reply.ok && reply.status !== 404)) {
    note(say("failed"), load);
    return;
  }
  watcher.disconnect();
  parts.body.innerHTML = text; // made and escaped by assistant/reading.py
  const doc = parts.body.querySelector(".cb-doc");
  if (!doc) return;
  parts.title.textContent = doc.querySelector(".cb-doc-title").textContent;
  parts.title.lang = doc.querySelector(".cb-doc-title").lang;
  head(doc);
  parts.body.querySelectorAll(".cb-part:not([data-loaded])").forEach((e) => watcher.observe(e));
  parts.body.scrollTop = 0;
  if (passage) cite(passage);
  else parts.body.focus({ preventScroll: true });
}

/** Highlight the cited sentence, if it is certain that it is the one. */
function cite(passage) {
  const quote = folded(shown.quote);
  const all = standing(passage).filter((e) => quote && folded(e.dataset.quote ?? e.textContent) === quote);
  const main = all[0];
  if (!main) {
    tell(say("unsure"));
    parts.body.focus({ preventScroll: true });
    return;
  }
  all.forEach((e) => e.classList.add("cb-cited"));
  if (!shown.card) parts.where.textContent = say("page", { page: main.dataset.page });
  main.setAttribute("aria-current", "true");
  rove(main);
  main.focus({ preventScroll: true });
  reveal(main);
}

const standing = (passage) =>
  [...parts.body.querySelectorAll(`[data-passage="${CSS.escape(passage)}"]`)];

// Twice, since what lies on the way gets its true height only once it is drawn.
function reveal(element) {
  element.scrollIntoView({ block: "center" });
  requestAnimationFrame(() => requestAnimationFrame(() => element.scrollIntoView({ block: "center" })));
}

async function fill(part) {
  if (part.dataset.loaded !== undefined || part.dataset.coming !== undefined) return;
  part.dataset.coming = "";
  const mine = turn;
  try {
    const reply = await fetch(`read/${encodeURIComponent(shown.document)}?mode=${mode}&lang=${lang()}&part=${part.dataset.part}`);
    if (!reply.ok) throw new Error(String(reply.status));
    const text = await reply.text();
    if (mine !== turn || !part.isConnected) return;
    const whole = new DOMParser().parseFromString(text, "text/html").querySelector(".cb-part");
    part.replaceChildren(...whole.childNodes);
    part.dataset.loaded = "";
    watcher.unobserve(part);
  } catch {
    delete part.dataset.coming; // it is asked for again when it comes near again
    watcher.unobserve(part);
    watcher.observe(part);
  }
}

// --- the head -------------------------------------------------------------------------------------

function head(doc = null) {
  const place = shown.card?.querySelector(".cb-place");
  parts.where.replaceChildren(...(place ? place.cloneNode(true).childNodes : []));
  const page = shown.card?.querySelector("a.cb-page")?.cloneNode(true);
  parts.pdf.replaceChildren(...(page ? [page] : []));
  const edition = doc?.querySelector(".cb-doc-note"); // whose translation it is stays in sight
  if (doc) {
    parts.edition.textContent = edition?.textContent.replace(/^⚑\s*/u, "") ?? "";
    parts.edition.hidden = !edition;
  }
  const translated = doc ? doc.dataset.translated === "1" : true;
  for (const name of ["original", "translation", "both"]) {
    const button = parts[`mode-${name}`];
    button.setAttribute("aria-pressed", String((doc?.dataset.mode ?? mode) === name));
    button.disabled = !translated && name !== "original";
    button.title = button.disabled ? say("bare") : "";
  }
  count();
}

const cards = (answer) => [...(answer?.querySelectorAll(".cb-source") ?? [])].filter(popover.citationOf);
const citations = () => cards(shown?.answer);

function count() {
  const all = citations();
  const at = all.indexOf(shown?.card);
  parts.steps.hidden = all.length < 2 || at < 0;
  parts.count.textContent = at < 0 ? "" : say("citation", { n: popover.citationOf(shown.card).n, all: all.length });
  parts.previous.disabled = at <= 0;
  parts.next.disabled = at >= all.length - 1;
}

function step(by) {
  const all = citations();
  const card = all[all.indexOf(shown?.card) + by];
  if (!card || !shown.card) return;
  document.querySelectorAll(".cb-shown").forEach((e) => e.classList.remove("cb-shown"));
  card.classList.add("cb-shown");
  const marker = [...shown.answer.querySelectorAll(".cb-marker")].find((e) => popover.sourceOf(e) === card);
  const cited = popover.citationOf(card);
  open({ document: cited.document, passage: cited.passage, from: marker ?? card });
}

function tell(message) {
  parts.notice.textContent = message;
  parts.notice.hidden = !message;
}

function note(message, again = null) {
  const line = document.createElement("p");
  line.className = "cb-missing";
  line.textContent = message;
  parts.body.replaceChildren(line);
  if (!again) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = say("retry");
  button.addEventListener("click", () => again());
  line.append(" ", button);
}

// --- in the text ----------------------------------------------------------------------------------

async function inside(event) {
  const entry = event.target.closest(".cb-toc a");
  if (!entry) return;
  event.preventDefault();
  await go(Number(entry.dataset.part), entry.hash.slice(1), "start");
  entry.closest("details").open = false;
}

async function go(part, id, block = "center") {
  await fill(parts.body.querySelector(`.cb-part[data-part="${part}"]`));
  const target = parts.body.querySelector(`[id="${CSS.escape(id)}"]`)
    ?? parts.body.querySelector(`[id="${CSS.escape(id.replace("cb-r-", "cb-rt-"))}"]`);
  if (!target) return null;
  target.scrollIntoView({ block });
  requestAnimationFrame(() => target.scrollIntoView({ block }));
  return target;
}

// A sentence and its translation light up together.
function pair(target) {
  const passage = target.closest?.(".cb-p")?.dataset.passage;
  for (const e of parts.body.querySelectorAll(".cb-paired")) e.classList.remove("cb-paired");
  if (!passage || mode !== "both") return;
  const both = standing(passage);
  if (both.length > 1) both.forEach((e) => e.classList.add("cb-paired"));
}

// One sentence at a time can be reached with Tab; the arrows go on from it.
function rove(target) {
  const passage = target.closest?.(".cb-p");
  if (!passage) return;
  for (const e of parts.body.querySelectorAll('.cb-p[tabindex="0"]')) e.tabIndex = -1;
  passage.tabIndex = 0;
}

function walk(from, by) {
  const all = [...parts.body.querySelectorAll(".cb-p:not(.cb-tr)")];
  const at = all.indexOf(from);
  const next = all[at < 0 ? 0 : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function pressed(event) {
  if (!shown || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) {
    if (event.key === "Escape" && !shown) popover.hide();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.closest?.("input, textarea, [contenteditable]");
  const ours = pane.contains(event.target);
  if (event.key === "Escape") {
    if (popover.shownAt()) popover.hide();
    else if (ours && typing && typing.value) { search_reset(); parts.body.focus({ preventScroll: true }); }
    else if (!typing || ours) close();
    else return;
  } else if (typing) return;
  else if (event.key === "/") parts.query.focus();
  else if (!ours) return;
  else if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "ArrowRight") step(1);
  else {
    const passage = event.target.closest(".cb-p");
    if (!passage) return;
    if (event.key === "ArrowDown") walk(passage, 1);
    else if (event.key === "ArrowUp") walk(passage, -1);
    else if (event.key.toLowerCase() === "a" || event.code === "KeyA") {
      question(getSelection().toString().trim() && inPane() ? getSelection().toString() : passage.innerText);
    } else return;
  }
  event.preventDefault();
}

// --- asking about a selection ---------------------------------------------------------------------

function inPane() {
  const selection = getSelection();
  return selection.rangeCount > 0 && !selection.isCollapsed
    && parts.body.contains(selection.getRangeAt(0).commonAncestorContainer);
}

function offer() {
  if (!shown || !inPane() || !getSelection().toString().trim()) {
    parts.ask.hidden = true;
    return;
  }
  const range = getSelection().getRangeAt(0);
  const spot = range.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  const body = parts.body.getBoundingClientRect();
  parts.ask.dataset.text = getSelection().toString();
  parts.ask.hidden = false;
  const { offsetWidth: width, offsetHeight: height } = parts.ask;
  const under = Math.min(spot.bottom + 8, body.bottom - height - 8);
  const top = spot.top - height - 8 > body.top ? spot.top - height - 8 : under;
  parts.ask.style.top = `${top - frame.top}px`;
  const left = Math.min(Math.max(spot.left + spot.width / 2 - width / 2, frame.left + 12), frame.right - width - 12);
  parts.ask.style.left = `${left - frame.left}px`;
}

function question(text) {
  const words = (text ?? "").normalize("NFC").replace(/\s+/gu, " ").trim();
  if (!words) return;
  const cut = [...words].length > LONGEST ? `${[...words].slice(0, LONGEST).join("")}…` : words;
  const id = shown.document;
  getSelection().removeAllRanges();
  parts.ask.hidden = true;
  if (innerWidth < 1200) close(); // the box lies under the pane
  document.dispatchEvent(new CustomEvent("cb:ask", {
    detail: { text: say("question", { text: cut }), document: id },
  }));
}

// --- searching ------------------------------------------------------------------------------------

function search_reset() {
  parts.query.value = "";
  results = { query: "", matches: [], total: 0, at: -1 };
  light([]);
  hits();
}

async function find() {
  const query = parts.query.value.trim();
  if (!query) { search_reset(); return; }
  const { document: id } = shown;
  try {
    const reply = await fetch(`read/${encodeURIComponent(id)}/search?q=${encodeURIComponent(query)}`);
    if (!reply.ok) throw new Error(String(reply.status));
    const found = await reply.json();
    if (parts.query.value.trim() !== query || shown?.document !== id) return;
    results = { query, matches: found.matches, total: found.total, at: -1 };
  } catch {
    results = { query, matches: [], total: 0, at: -1 };
  }
  if (results.matches.length) visit(0);
  else { light([]); hits(); }
}

async function visit(at) {
  const { matches } = results;
  if (!matches.length) return;
  results.at = (at + matches.length) % matches.length;
  const match = matches[results.at];
  hits();
  const target = await go(match.part, match.element);
  if (target) light(standing_at(target, match), match);
}

// Where the words stand: in the side that holds them, or in whatever of it is shown.
function standing_at(target, match) {
  const all = match.passage ? standing(match.passage) : [target];
  const side = all.filter((e) => e.classList.contains("cb-t") === (match.side === "translation"));
  return side.length ? side : all;
}

function light(elements, match = null) {
  parts.body.querySelectorAll(".cb-found").forEach((e) => e.classList.remove("cb-found"));
  globalThis.CSS.highlights?.delete("cb-found");
  elements.forEach((e) => e.classList.add("cb-found"));
  if (!match || !globalThis.Highlight) return;
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

function hits() {
  const { query, matches, total, at } = results;
  parts.hits.textContent = !query ? "" : matches.length ? `${at + 1} / ${total}` : say("none");
  parts.hits.title = total > matches.length ? say("more", { all: total, shown: matches.length }) : "";
  parts.up.disabled = parts.down.disabled = !matches.length;
}
