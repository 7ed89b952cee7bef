// Searching the document in the pane: a list of the places, and going from one to the next.
import { markFound } from "./reader_marks.js";
import { isSheet, make, state } from "./reader_state.js";
import { reach, reveal } from "./reader_text.js";
import { say } from "./reader_words.js";

const NOTHING = Object.freeze({ query: "", matches: [], total: 0 });
let results = NOTHING;
let at = -1; // which of the matches is shown
let wait = 0;

/** The search with its list, to be put into the pane. */
export function build() {
  const { parts } = state;
  const whole = make("div", "finding", { role: "search" });
  const line = make("div", "search");
  make("input", "query", {
    type: "search", maxlength: "200", "aria-keyshortcuts": "/", autocomplete: "off",
    enterkeyhint: "search", "aria-controls": "cb-reader-places",
  });
  make("span", "hits", { role: "status", "aria-live": "polite" });
  make("button", "up").append("↑");
  make("button", "down").append("↓");
  make("button", "fold", { "aria-controls": "cb-reader-places", "aria-expanded": "false" }).append("☰");
  make("ol", "places", { id: "cb-reader-places", hidden: "" });
  line.append(parts.query, parts.hits, parts.up, parts.down, parts.fold);
  whole.append(line, parts.places);
  parts.up.addEventListener("click", () => visit(at - 1));
  parts.down.addEventListener("click", () => visit(at + 1));
  parts.fold.addEventListener("click", () => unfold(parts.places.hidden));
  parts.query.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(find, 220);
  });
  parts.query.addEventListener("keydown", typed);
  parts.places.addEventListener("click", (event) => {
    const entry = event.target.closest("button");
    if (!entry) return;
    if (isSheet()) { // the text lies under it
      unfold(false);
      parts.body.focus({ preventScroll: true });
    }
    visit(Number(entry.dataset.at));
  });
  parts.places.addEventListener("keydown", inList);
  return whole;
}

/** Say everything in the page's language. */
export function label() {
  const { parts } = state;
  for (const [name, key] of [["up", "previous"], ["down", "next"], ["fold", "list"]]) {
    parts[name].setAttribute("aria-label", say(key));
    parts[name].title = say(key);
  }
  parts.query.placeholder = say("search");
  parts.query.setAttribute("aria-label", say("search"));
  parts.query.title = `${say("search")} (/)`;
  parts.places.setAttribute("aria-label", say("list"));
  list();
  tell();
}

/** Look for nothing any more. */
export function reset() {
  clearTimeout(wait);
  state.parts.query.value = "";
  take(NOTHING);
}

function take(found) {
  results = found;
  at = -1;
  list();
  unfold(found.matches.length > 0);
  markFound();
  tell();
}

async function find() {
  const { parts, shown } = state;
  const query = parts.query.value.trim();
  if (!query) { take(NOTHING); return; }
  let found = { query, matches: [], total: 0 };
  try {
    const reply = await fetch(`read/${encodeURIComponent(shown.document)}/search?q=${encodeURIComponent(query)}`);
    if (!reply.ok) throw new Error(String(reply.status));
    found = { ...await reply.json(), query };
  } catch { /* nothing was found */ }
  if (parts.query.value.trim() !== query || state.shown?.document !== shown.document) return;
  take(found);
  if (found.matches.length) visit(0);
}

async function visit(place) {
  const { matches } = results;
  if (!matches.length) return;
  at = (place + matches.length) % matches.length;
  const match = matches[at];
  tell();
  const target = await reach(match.part, match.element);
  if (target && matches[at] === match) reveal(markFound(target, match));
}

// --- the list -------------------------------------------------------------------------------------

function list() {
  const { parts } = state;
  const paged = parts.body?.querySelector(".cb-doc")?.dataset.pages;
  parts.places.replaceChildren(...results.matches.map((match, place) => {
    const item = document.createElement("li");
    const entry = document.createElement("button");
    entry.type = "button";
    entry.tabIndex = place ? -1 : 0;
    entry.dataset.at = String(place);
    const words = document.createElement("span");
    words.lang = match.side === "translation" ? other() : own();
    words.append(...marked(match));
    entry.append(words);
    if (paged) {
      const where = document.createElement("small");
      where.textContent = say("page", { page: match.page });
      entry.append(where);
    }
    item.append(entry);
    return item;
  }));
}

const own = () => state.parts.body?.querySelector(".cb-doc")?.dataset.lang ?? "ko";
const other = () => (own() === "ko" ? "en" : "ko");

// A snippet with the places in it marked; its offsets count code points.
function marked(match) {
  const points = [...match.snippet];
  const pieces = [];
  let done = 0;
  for (const [from, to] of match.snippet_marks) {
    const mark = document.createElement("mark");
    mark.textContent = points.slice(from, to).join("");
    pieces.push(points.slice(done, from).join(""), mark);
    done = to;
  }
  return [...pieces, points.slice(done).join("")];
}

function unfold(open) {
  const { parts } = state;
  parts.places.hidden = !open || !results.matches.length;
  parts.fold.setAttribute("aria-expanded", String(!parts.places.hidden));
  if (!parts.places.hidden) keepInView();
}

function tell() {
  const { parts } = state;
  const { query, matches, total } = results;
  parts.hits.textContent = !query ? "" : matches.length ? `${at + 1} / ${total}` : say("none");
  parts.hits.title = total > matches.length ? say("more", { all: total, shown: matches.length }) : "";
  parts.up.disabled = parts.down.disabled = parts.fold.disabled = !matches.length;
  parts.places.querySelector("[aria-current]")?.removeAttribute("aria-current");
  parts.places.children[at]?.firstChild.setAttribute("aria-current", "true");
  keepInView();
}

function keepInView() {
  const { places } = state.parts;
  const item = places.children[at];
  if (!item || places.hidden) return;
  const top = item.offsetTop - places.offsetTop;
  if (top < places.scrollTop) places.scrollTop = top;
  const below = top + item.offsetHeight - places.clientHeight;
  if (below > places.scrollTop) places.scrollTop = below;
}

// --- the keyboard ---------------------------------------------------------------------------------

function typed(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" && results.matches.length) {
    event.preventDefault();
    unfold(true);
    focusEntry(Math.max(at, 0));
  } else if (event.key === "Enter") {
    event.preventDefault();
    clearTimeout(wait);
    if (state.parts.query.value.trim() !== results.query) find();
    else visit(at + (event.shiftKey ? -1 : 1));
  }
}

// Up and down walk the list; what has the focus is not opened before Enter.
function inList(event) {
  const place = Number(event.target.closest("button")?.dataset.at ?? -1);
  const last = results.matches.length - 1;
  const to = { ArrowDown: Math.min(place + 1, last), ArrowUp: place - 1, Home: 0, End: last }[event.key];
  if (event.key === "Escape") state.parts.query.focus();
  else if (to === undefined) return;
  else if (to < 0) state.parts.query.focus();
  else focusEntry(to);
  event.preventDefault();
  event.stopPropagation();
}

function focusEntry(place) {
  const { places } = state.parts;
  places.querySelectorAll('[tabindex="0"]').forEach((e) => { e.tabIndex = -1; });
  const entry = places.children[place]?.firstChild;
  if (!entry) return;
  entry.tabIndex = 0;
  entry.focus();
}
