// Asking about what is selected in the document, or about a sentence of it.
import { make, state } from "./reader_state.js";
import { say } from "./reader_words.js";

const LONGEST = 400; // characters of a selection that a question takes

/** The button that appears at a selection, to be put into the pane; `leave` closes the pane. */
export function build(leave) {
  const ask = make("button", "ask", { hidden: "", "aria-keyshortcuts": "a" });
  ask.addEventListener("pointerdown", (event) => event.preventDefault()); // keep the selection
  ask.addEventListener("click", () => askAbout(ask.dataset.text, leave));
  document.addEventListener("selectionchange", () => requestAnimationFrame(offer));
  return ask;
}

/** What is selected in the document, if anything. */
export function selected() {
  const selection = getSelection();
  const within = selection.rangeCount > 0 && !selection.isCollapsed
    && state.parts.body.contains(selection.getRangeAt(0).commonAncestorContainer);
  return within ? selection.toString().trim() : "";
}

function offer() {
  const { ask, body } = state.parts;
  const text = state.shown ? selected() : "";
  ask.hidden = !text;
  if (!text) return;
  const spot = getSelection().getRangeAt(0).getBoundingClientRect();
  const frame = state.pane.getBoundingClientRect();
  const room = body.getBoundingClientRect();
  ask.dataset.text = text;
  const { offsetWidth: width, offsetHeight: height } = ask;
  const under = Math.min(spot.bottom + 8, room.bottom - height - 8);
  const top = spot.top - height - 8 > room.top ? spot.top - height - 8 : under;
  ask.style.top = `${top - frame.top}px`;
  const left = Math.min(Math.max(spot.left + spot.width / 2 - width / 2, frame.left + 12), frame.right - width - 12);
  ask.style.left = `${left - frame.left}px`;
}

/** Put a question about `text` into the box of the page. */
export function askAbout(text, leave) {
  const words = (text ?? "").normalize("NFC").replace(/\s+/gu, " ").trim();
  if (!words) return;
  const cut = [...words].length > LONGEST ? `${[...words].slice(0, LONGEST).join("")}…` : words;
  const id = state.shown.document;
  getSelection().removeAllRanges();
  state.parts.ask.hidden = true;
  if (innerWidth < 1200) leave(); // the box lies under the pane
  document.dispatchEvent(new CustomEvent("cb:ask", {
    detail: { text: say("question", { text: cut }), document: id },
  }));
}
