// Where conversations are kept: in this browser (IndexedDB) for readers without a login, by the server
// with one, and in memory where the browser keeps nothing. All three answer alike:
//   where                      "browser", "server" or "memory"
//   list({query, before})      {conversations: [{id, title, created, updated, turns}], next}, latest first
//   get(id) put(c) rename(id, title) remove(id) clear() turn(id)
// Ids and texts are as the server has them: see assistant/conversation.py.

const DATABASE = "citebrief";
const TABLE = "conversations";
const PAGE = 50;
const LONGEST_TITLE = 120;

const address = (path) => new URL(path, document.baseURI);
export const squeezed = (text) => text.normalize("NFC").toLowerCase().replace(/\s+/gu, "");

/** A title of one line, as the server would cut it. */
export function titleOf(question) {
  const line = question.trim().split(/\s+/u).join(" ");
  const letters = [...line];
  return letters.length <= LONGEST_TITLE ? line : `${letters.slice(0, LONGEST_TITLE - 1).join("").trimEnd()}…`;
}

/** Whether every word stands in the title, a question or an answer; case and spaces do not count. */
export function matches(conversation, query) {
  const words = query.trim().split(/\s+/u).filter(Boolean).map(squeezed);
  if (!words.length) return true;
  const said = conversation.turns.flatMap((turn) => [turn.question, turn.answer.answer]);
  const text = [conversation.title, ...said].map(squeezed).join("\n");
  return words.every((word) => text.includes(word));
}

const headOf = ({ id, title, created, updated, turns }) => ({ id, title, created, updated, turns: turns.length });
const latestFirst = (a, b) => (a.updated === b.updated ? (a.id < b.id ? 1 : -1) : a.updated < b.updated ? 1 : -1);

/** The store for whoever reads this page; asked of the server once. */
export async function openStore() {
  try {
    const reply = await fetch(address("history"), { headers: { Accept: "application/json" } });
    if (reply.ok && (await reply.json()).where === "server") return serverStore();
  } catch { /* no server that knows of histories: the browser's own */ }
  try {
    return browserStore(await openDatabase());
  } catch {
    return memoryStore();
  }
}

// --- the browser ----------------------------------------------------------------------------------

function openDatabase() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1); // throws where the browser forbids it
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(TABLE, { keyPath: "id" }).createIndex("updated", ["updated", "id"]);
    };
    opening.onsuccess = () => {
      opening.result.onversionchange = () => opening.result.close(); // a later release upgrades it
      resolve(opening.result);
    };
    opening.onerror = () => reject(opening.error);
    opening.onblocked = () => reject(new Error("blocked"));
  });
}

function browserStore(database) {
  const within = (mode, work) => new Promise((resolve, reject) => {
    const transaction = database.transaction(TABLE, mode);
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
    work(transaction.objectStore(TABLE), (value) => { result = value; });
  });
  const read = (id) => within("readonly", (table, done) => {
    table.get(id).onsuccess = (event) => done(event.target.result ?? null);
  });
  /** Goes through the conversations, the latest first, until `seen` says that it is enough. */
  const walk = (range, seen) => within("readonly", (table) => {
    table.index("updated").openCursor(range, "prev").onsuccess = (event) => {
      const cursor = event.target.result;
      if (cursor && !seen(cursor.value)) cursor.continue();
    };
  });
  return {
    where: "browser",
    async list({ query = "", before = null } = {}) {
      const found = [];
      const range = before ? IDBKeyRange.upperBound(before, true) : null;
      await walk(range, (conversation) => {
        if (matches(conversation, query)) found.push(headOf(conversation));
        return found.length > PAGE;
      });
      const shown = found.slice(0, PAGE);
      const last = shown.at(-1);
      return { conversations: shown, next: found.length > PAGE ? [last.updated, last.id] : null };
    },
    get: read,
    put: (conversation) => within("readwrite", (table) => { table.put(conversation); }),
    async rename(id, title) {
      await within("readwrite", (table) => {
        table.get(id).onsuccess = (event) => {
          if (event.target.result) table.put({ ...event.target.result, title: titleOf(title) });
        };
      });
    },
    remove: (id) => within("readwrite", (table) => { table.delete(id); }),
    clear: () => within("readwrite", (table) => { table.clear(); }),
    async turn(id) {
      let found = null;
      await walk(null, (conversation) => {
        found = conversation.turns.find((turn) => turn.id === id) ?? null;
        return found !== null;
      });
      return found;
    },
  };
}

// --- memory ---------------------------------------------------------------------------------------

function memoryStore() {
  const kept = new Map();
  return {
    where: "memory",
    async list({ query = "" } = {}) {
      const found = [...kept.values()].filter((conversation) => matches(conversation, query));
      return { conversations: found.map(headOf).sort(latestFirst), next: null };
    },
    async get(id) { return structuredClone(kept.get(id) ?? null); },
    async put(conversation) { kept.set(conversation.id, structuredClone(conversation)); },
    async rename(id, title) { if (kept.has(id)) kept.get(id).title = titleOf(title); },
    async remove(id) { kept.delete(id); },
    async clear() { kept.clear(); },
    async turn(id) {
      return [...kept.values()].flatMap((conversation) => conversation.turns).find((turn) => turn.id === id) ?? null;
    },
  };
}

// --- the server -----------------------------------------------------------------------------------

function serverStore() {
  const ask = async (path, options = {}) => {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CiteBrief": "1" };
    const reply = await fetch(address(path), { headers, ...options });
    if (reply.status === 404) return null;
    if (!reply.ok) throw new Error(`history: ${reply.status}`);
    return reply.json();
  };
  const one = (id) => `history/${encodeURIComponent(id)}`;
  return {
    where: "server",
    list({ query = "", before = null } = {}) {
      const asked = new URLSearchParams({ q: query });
      if (before) asked.set("before", before);
      return ask(`history?${asked}`);
    },
    get: (id) => ask(one(id)),
    async put() { /* the server keeps each turn itself, once it is answered */ },
    rename: (id, title) => ask(one(id), { method: "PUT", body: JSON.stringify({ title: titleOf(title) }) }),
    remove: (id) => ask(one(id), { method: "DELETE" }),
    clear: () => ask("history", { method: "DELETE" }),
    async turn() { return null; }, // it is rated by its id
  };
}
