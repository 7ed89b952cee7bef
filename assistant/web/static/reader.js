// The pane in which the cited document is read beside the chat: whole, in the original, the
// translation or both, at the cited sentence. Better no highlight than a wrong one: a sentence is
// marked only where the passage is found and says, letter for letter, what the citation quotes.
// Its text is reader_text.js, what is marked reader_marks.js, the search reader_search.js.
import * as popover from "./popover.js";
import * as asking from "./reader_ask.js";
import { markCited, pair } from "./reader_marks.js";
import * as search from "./reader_search.js";
import { isSheet, make, state } from "./reader_state.js";
import { fetchDocument, reach, reveal, watch } from "./reader_text.js";
import { lang, say } from "./reader_words.js";

const MODES = ["original", "translation", "both"];
const root = document.documentElement;
const { parts } = state;

/** Build the pane and listen for citations. */
export function start() {
  if (state.pane) return;
  popover.start();
  build();
  document.addEventListener("click", clicked, true);
  document.addEventListener("cb:open-citation", (event) => open(event.detail));
  document.addEventListener("keydown", pressed);
  let spoken = lang();
  new MutationObserver(() => {
    if (lang() === spoken) return;
    spoken = lang();
    label();
    if (state.shown) load();
  }).observe(root, { attributes: true, attributeFilter: ["data-lang"] });
  addEventListener("resize", () => { if (state.shown) { seclude(); count(); } });
}

// --- the pane -------------------------------------------------------------------------------------

function build() {
  state.pane = make("aside", "", { id: "cb-reader", role: "complementary", hidden: "" });
  const bar = make("header", "bar");
  const top = make("div", "top");
  make("button", "back").append("←");
  make("button", "close", { "aria-keyshortcuts": "Escape" }).append("✕");
  const heading = make("div", "heading");
  heading.append(make("h2", "title"), make("p", "where"));
  top.append(parts.back, heading, parts.close);
  const tools = make("div", "tools");
  const modes = make("div", "modes", { role: "group" });
  for (const name of MODES) {
    const button = make("button", `mode-${name}`);
    button.addEventListener("click", () => { state.chosen = name; load(); });
    modes.append(button);
  }
  const steps = make("div", "steps", { role: "group" });
  make("button", "previous", { "aria-keyshortcuts": "ArrowLeft" }).append("‹");
  make("span", "count");
  make("button", "next", { "aria-keyshortcuts": "ArrowRight" }).append("›");
  steps.append(parts.previous, parts.count, parts.next);
  tools.append(modes, make("span", "pdf"), steps);
  make("p", "edition", { hidden: "" });
  bar.append(top, tools, search.build(), parts.edition);
  make("p", "notice", { role: "status", hidden: "" });
  make("div", "body", { tabindex: "-1" });
  make("p", "help");
  state.pane.append(bar, parts.notice, parts.body, parts.help, asking.build(close));
  document.body.append(state.pane);

  parts.close.addEventListener("click", close);
  parts.back.addEventListener("click", close);
  parts.previous.addEventListener("click", () => step(-1));
  parts.next.addEventListener("click", () => step(1));
  parts.body.addEventListener("click", inside);
  parts.body.addEventListener("pointerover", (event) => pair(event.target));
  parts.body.addEventListener("focusin", (event) => { pair(event.target); rove(event.target); });
  parts.body.addEventListener("scroll", () => { parts.ask.hidden = true; }, { passive: true });
  watch();
  label();
}

function label() {
  state.pane.setAttribute("aria-label", say("pane"));
  state.pane.lang = lang();
  const named = { close: "close", back: "back", previous: "previousCitation", next: "nextCitation" };
  for (const [name, key] of Object.entries(named)) {
    parts[name].setAttribute("aria-label", say(key));
    parts[name].title = say(key);
  }
  parts.close.title = `${say("close")} (Esc)`;
  parts.modes.setAttribute("aria-label", say("modes"));
  for (const name of MODES) parts[`mode-${name}`].textContent = say(name);
  parts.ask.textContent = say("ask");
  parts.ask.title = `${say("ask")} (A)`;
  parts.help.textContent = say("help");
  search.label();
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
  if (state.shown?.document !== id) search.reset();
  state.shown = { document: id, passage, quote: words, from, card, answer, href: from?.getAttribute?.("href") };
  state.pane.hidden = false;
  root.classList.add("cb-reading");
  seclude();
  if (from && innerWidth >= 1200) requestAnimationFrame(() => from.scrollIntoView({ block: "nearest" }));
  load();
}

function close() {
  if (!state.shown) return;
  const { from, href } = state.shown;
  state.turn += 1;
  state.shown = null;
  state.pane.hidden = true;
  parts.ask.hidden = true;
  root.classList.remove("cb-reading", "cb-reading-both");
  seclude();
  const again = from?.isConnected ? from
    : href && document.querySelector(`.cb-answer a[href="${CSS.escape(href)}"]`);
  if (again) again.focus({ preventScroll: false });
}

// A sheet over the whole window keeps the keyboard in it.
function seclude() {
  const sheet = Boolean(state.shown) && isSheet();
  for (const child of document.body.children) {
    if (child !== state.pane && !child.matches("script, style, dialog")) child.inert = sheet;
  }
}

async function load() {
  const { passage } = state.shown;
  parts.ask.hidden = true;
  tell("");
  head();
  const doc = await fetchDocument(passage, load);
  if (!doc) return;
  parts.title.textContent = doc.dataset.title;
  parts.title.lang = doc.dataset.titleLang ?? "";
  root.classList.toggle("cb-reading-both", state.mode === "both");
  head(doc);
  search.label();
  if (passage) cite(passage);
  else parts.body.focus({ preventScroll: true });
}

function cite(passage) {
  const main = markCited(passage, state.shown.quote);
  if (!main) {
    tell(say("unsure"));
    parts.body.focus({ preventScroll: true });
    return;
  }
  if (!state.shown.card) parts.where.textContent = say("page", { page: main.dataset.page });
  rove(main);
  main.focus({ preventScroll: true });
  reveal(main);
}

// --- the head -------------------------------------------------------------------------------------

function head(doc = null) {
  const place = state.shown.card?.querySelector(".cb-place");
  parts.where.replaceChildren(...(place ? place.cloneNode(true).childNodes : []));
  const page = state.shown.card?.querySelector("a.cb-page")?.cloneNode(true);
  parts.pdf.replaceChildren(...(page ? [page] : []));
  const edition = doc?.querySelector(".cb-doc-note"); // whose translation it is stays in sight
  if (doc) {
    parts.edition.textContent = edition?.textContent.replace(/^⚑\s*/u, "") ?? "";
    parts.edition.hidden = !edition;
  }
  const translated = doc ? doc.dataset.translated === "1" : true;
  const current = state.chosen === "auto" || doc ? state.mode : state.chosen;
  for (const name of MODES) {
    const button = parts[`mode-${name}`];
    button.setAttribute("aria-pressed", String(current === name));
    button.disabled = !translated && name !== "original";
    button.title = button.disabled ? say("bare") : "";
  }
  count();
}

const cards = (answer) => [...(answer?.querySelectorAll(".cb-source") ?? [])].filter(popover.citationOf);

function count() {
  const all = cards(state.shown?.answer);
  const at = all.indexOf(state.shown?.card);
  parts.steps.hidden = all.length < 2 || at < 0;
  const place = at < 0 ? {} : { n: popover.citationOf(state.shown.card).n, all: all.length };
  parts.count.textContent = at < 0 ? "" : isSheet() ? `${place.n} / ${place.all}` : say("citation", place);
  parts.previous.disabled = at <= 0;
  parts.next.disabled = at >= all.length - 1;
}

function step(by) {
  const { shown } = state;
  const all = cards(shown?.answer);
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

// --- in the text ----------------------------------------------------------------------------------

async function inside(event) {
  const entry = event.target.closest(".cb-toc a");
  if (!entry) return;
  event.preventDefault();
  const target = await reach(Number(entry.dataset.part), entry.hash.slice(1));
  entry.closest("details").open = false;
  if (target) reveal(target, "start");
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
  if (!state.shown || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) {
    if (event.key === "Escape" && !state.shown) popover.hide();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.closest?.("input, textarea, [contenteditable]");
  const ours = state.pane.contains(event.target);
  if (event.key === "Escape") {
    if (popover.shownAt()) popover.hide();
    else if (ours && typing && typing.value) { search.reset(); parts.body.focus({ preventScroll: true }); }
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
      asking.askAbout(asking.selected() || passage.innerText, close);
    } else return;
  }
  event.preventDefault();
}
