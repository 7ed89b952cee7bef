// The text of the document in the pane: fetched in parts as they come near, and places in it.
import { make, state } from "./reader_state.js";
import { lang, say } from "./reader_words.js";

let watcher = null; // fills the document's parts as they come near

/** Watch the body of the pane, which must be there. */
export function watch() {
  watcher = new IntersectionObserver((seen) => {
    for (const one of seen) if (one.isIntersecting) fill(one.target);
  }, { root: state.parts.body, rootMargin: "900px 0px" });
}

const address = (mode, more) =>
  `read/${encodeURIComponent(state.shown.document)}?mode=${mode}&lang=${lang()}${more}`;

/**
 * Fetch the document around `passage`, in the way of reading that was chosen, and show it.
 * The document's element, null where there is none to read, or false where a later call took over.
 */
export async function fetchDocument(passage, again) {
  const mine = (state.turn += 1);
  const waiting = setTimeout(() => { if (mine === state.turn) note(say("loading")); }, 150);
  let reply = null;
  let text = "";
  try {
    reply = await fetch(address(state.chosen, passage ? `&around=${encodeURIComponent(passage)}` : ""));
    text = await reply.text();
  } catch { reply = null; }
  clearTimeout(waiting);
  if (mine !== state.turn) return false;
  if (!reply || (!reply.ok && reply.status !== 404)) {
    note(say("failed"), again);
    return null;
  }
  const { body } = state.parts;
  watcher.disconnect();
  body.innerHTML = text; // made and escaped by assistant/reading.py
  const doc = body.querySelector(".cb-doc");
  if (!doc) return null;
  state.mode = doc.dataset.mode;
  body.querySelectorAll(".cb-part:not([data-loaded])").forEach((e) => watcher.observe(e));
  body.scrollTop = 0;
  return doc;
}

async function fill(part) {
  if (part.dataset.loaded !== undefined || part.dataset.coming !== undefined) return;
  part.dataset.coming = "";
  const mine = state.turn;
  try {
    const reply = await fetch(address(state.mode, `&part=${part.dataset.part}`));
    if (!reply.ok) throw new Error(String(reply.status));
    const text = await reply.text();
    if (mine !== state.turn || !part.isConnected) return;
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

// In the place of the document: a message, and a button where something can be done.
function note(message, again = null) {
  const line = make("p", "");
  line.className = "cb-missing";
  line.textContent = message;
  state.parts.body.replaceChildren(line);
  if (!again) return;
  const button = make("button", "");
  button.textContent = say("retry");
  button.addEventListener("click", () => again());
  line.append(" ", button);
}

/** The elements that stand for a passage: its original, its translation, or both. */
export const standing = (passage) =>
  [...state.parts.body.querySelectorAll(`[data-passage="${CSS.escape(passage)}"]`)];

/** Bring an element into view; twice, since what is on the way gets its true height when drawn. */
export function reveal(element, block = "center") {
  element.scrollIntoView({ block });
  requestAnimationFrame(() => requestAnimationFrame(() => element.scrollIntoView({ block })));
}

/** The element `id` of a part, which is fetched if need be; null where there is no such. */
export async function reach(part, id) {
  const { body } = state.parts;
  await fill(body.querySelector(`.cb-part[data-part="${part}"]`));
  return body.querySelector(`[id="${CSS.escape(id)}"]`)
    ?? body.querySelector(`[id="${CSS.escape(id.replace("cb-r-", "cb-rt-"))}"]`);
}
