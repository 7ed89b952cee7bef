// What the parts of the pane know in common.

/**
 * `shown` is {document, passage, quote, from, card, answer, href}, or null while the pane is closed;
 * `chosen` is the way of reading that the reader asked for, and `mode` the one that the server gave.
 */
export const state = {
  pane: null,
  parts: {}, // the pane's own elements, by name
  shown: null,
  chosen: "auto",
  mode: "original",
  turn: 0, // of what is being loaded: what comes late is dropped
};

/** An element of the pane, known by its name afterwards. */
export function make(tag, name, attributes = {}) {
  const element = document.createElement(tag);
  if (name) element.className = `cb-reader-${name}`;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (name) state.parts[name] = element;
  if (tag === "button") element.type = "button";
  return element;
}

/** Whether the pane is a sheet over the whole window, which keeps the keyboard in it. */
export const isSheet = () => innerWidth < 900;
