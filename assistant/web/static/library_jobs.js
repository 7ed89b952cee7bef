// Uploads and removals in the library pane: sending, asking how far each is, and showing it.
import { lang, make, number, percent, words } from "./library_words.js";

const KEY = "citebrief-jobs"; // jobs of this tab, found again after a reload
const OURS = { "X-CiteBrief": "1" };
export const address = (path) => new URL(`library${path}${path.includes("?") ? "&" : "?"}lang=${lang()}`, document.baseURI).href;

// `list` shows a card for each job, `say` speaks to screen readers, `done(job)` hears of its end.
export class Jobs {
  constructor(list, say, done) {
    Object.assign(this, { list, say, done, cards: new Map(), limits: null });
  }

  resume() {
    for (const { id, title } of saved()) this.follow(id, this.card(title));
  }

  // Send the files that can be read; of the others, the card says why not.
  send(chosen) {
    this.tidy();
    const files = [...chosen].map((file) => new File([file], file.name.normalize("NFC"), { type: file.type }));
    if (!files.length) return;
    const w = words();
    const card = this.card(null);
    if (files.length > this.limits.most) {
      this.fail(card, w.many(number(this.limits.most)));
      return;
    }
    const local = files.map((file) => ({ name: file.name, state: "waiting", why: this.fault(file) }));
    card.local = local.filter((file) => file.why).map((file) => ({ name: file.name, state: "skipped", fault: file.why }));
    const good = files.filter((_, n) => !local[n].why);
    if (!good.length) {
      card.job = { kind: "add", state: "skipped", ended: true, files: [] };
      this.show(card);
      return;
    }
    card.job = { kind: "add", state: "sending", files: good.map((f) => ({ name: f.name, state: "sending" })) };
    card.sent = 0;
    this.show(card);
    const form = new FormData();
    good.forEach((file) => form.append("files", file, file.name));
    const request = new XMLHttpRequest();
    card.request = request;
    request.open("POST", address(""));
    request.setRequestHeader("X-CiteBrief", "1");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      card.sent = event.lengthComputable ? event.loaded / event.total : 0;
      this.show(card);
    };
    request.onload = () => {
      if (request.status === 202) this.follow(request.response.job, card, request.response);
      else this.fail(card, request.response?.error ?? words().lost);
    };
    request.onerror = () => this.fail(card, words().lost);
    request.onabort = () => this.drop(card);
    request.send(form);
  }

  // Why a file is not sent at all: what it would be refused for anyway.
  fault(file) {
    const dot = file.name.lastIndexOf(".");
    const suffix = dot > 0 ? file.name.slice(dot).toLowerCase() : "";
    if (!this.limits.suffixes.includes(suffix)) return "suffix";
    if (file.size > this.limits.largest) return "large";
    return file.size ? null : "zero";
  }

  async remove(document) {
    this.tidy();
    const card = this.card(document.title);
    card.job = { kind: "remove", state: "waiting", before: 0, files: [] };
    this.show(card);
    try {
      const reply = await fetch(address(`/${encodeURIComponent(document.id)}`), { method: "DELETE", headers: OURS });
      const told = await reply.json();
      if (reply.ok) this.follow(told.job, card, told);
      else this.fail(card, told.error);
    } catch {
      this.fail(card, words().lost);
    }
  }

  async follow(id, card, first) {
    card.id = id;
    save([...saved().filter((job) => job.id !== id), { id, title: card.title }]);
    let missed = 0;
    for (let job = first ?? null; ; ) {
      if (job) {
        card.job = job;
        this.show(card);
        if (job.ended) break;
      }
      await new Promise((resolve) => setTimeout(resolve, missed ? 3000 : 400));
      try {
        const reply = await fetch(address(`/jobs/${id}`));
        const told = await reply.json();
        missed = 0;
        if (reply.status === 404) {
          save(saved().filter((kept) => kept.id !== id));
          if (card.job) this.fail(card, told.error);
          else this.drop(card); // of a tab that was left long ago
          return;
        }
        job = told;
      } catch {
        if (++missed > 20) return this.fail(card, words().lost);
      }
    }
    save(saved().filter((kept) => kept.id !== id));
    this.done(card.job);
  }

  async cancel(card) {
    if (card.request && !card.id) return card.request.abort();
    card.cancelling = true;
    this.show(card);
    try {
      const reply = await fetch(address(`/jobs/${card.id}`), { method: "DELETE", headers: OURS });
      if (!reply.ok) card.cancelling = false;
    } catch {
      card.cancelling = false;
    }
  }

  card(title) {
    const rows = make("ul", { class: "cb-job-files" });
    const overall = make("p", { class: "cb-job-state" });
    const button = make("button", { type: "button", class: "cb-quiet" });
    const element = make("li", { class: "cb-job" }, make("div", { class: "cb-job-top" }, overall, button), rows);
    const card = { title, element, rows, overall, button, lines: new Map(), local: [], job: null };
    button.addEventListener("click", () => (card.job?.ended ? this.drop(card) : this.cancel(card)));
    this.cards.set(element, card);
    this.list.prepend(element);
    return card;
  }

  fail(card, message) {
    card.failed = message;
    card.job = { ...(card.job ?? { files: [] }), state: "failed", ended: true };
    this.show(card);
  }

  drop(card) {
    const next = card.element.nextElementSibling?.querySelector("button");
    card.element.remove();
    this.cards.delete(card.element);
    (next ?? this.list.closest(".cb-lib")?.querySelector(".cb-upload"))?.focus();
  }

  // What ended well makes room for the next.
  tidy() {
    for (const card of this.cards.values()) {
      const well = ["ready", "removed", "cancelled"].includes(card.job?.state);
      if (well && !this.files(card).some((file) => file.state === "skipped")) {
        card.element.remove();
        this.cards.delete(card.element);
      }
    }
  }

  speak() {
    this.cards.forEach((card) => this.show(card, true));
  }

  files(card) {
    return [...card.local, ...(card.job?.files ?? [])];
  }

  show(card, quietly = false) {
    if (!card.job) return;
    const w = words();
    const state = this.overall(card);
    card.element.dataset.state = card.job.state;
    if (card.overall.textContent !== state) {
      card.overall.textContent = state;
      if (!quietly && (card.job.ended || card.shown !== card.job.state)) this.say(state);
      card.shown = card.job.state;
    }
    const label = card.job.ended ? w.dismiss : w.cancel;
    card.button.textContent = label;
    card.button.setAttribute("aria-label", `${label}: ${card.title ?? this.files(card)[0]?.name ?? w.job}`);
    const may = card.job.ended || ["sending", "waiting", "reading"].includes(card.job.state);
    card.button.hidden = !may || (card.cancelling && !card.job.ended) || (card.job.kind === "remove" && !card.job.ended && card.job.state !== "waiting");
    this.files(card).forEach((file, n) => this.line(card, file, n, quietly));
    if (card.job.kind === "remove") this.line(card, { name: card.title, state: card.job.state, removal: true }, 0, quietly);
    while (card.rows.children.length > Math.max(1, this.files(card).length)) card.rows.lastChild.remove();
  }

  overall(card) {
    const w = words();
    const job = card.job;
    if (card.failed) return card.failed;
    if (job.kind === "remove") {
      if (job.state === "removed") return job.proof?.proved ? w.proved(job.proof.sentences, number(job.proof.files)) : w.unproved;
      if (job.state === "failed") return job.message;
      if (job.state === "cancelled") return w.cancelled;
      return job.state === "waiting" ? w.waiting(job.before) : w.removing;
    }
    if (job.state === "failed") return job.message;
    if (card.cancelling && !job.ended) return w.cancelling;
    if (job.state === "sending") return card.sent < 1 ? w.sending(percent(card.sent ?? 0)) : w.stored;
    if (job.state === "waiting") return w.waiting(job.before);
    if (job.state === "indexing") return w.indexing(number(job.step_done), job.step_total ? number(job.step_total) : 0);
    const files = this.files(card);
    if (job.state === "cancelled") return w.cancelled;
    const ended = files.filter((file) => !["waiting", "reading", "sending"].includes(file.state)).length;
    return w.of(number(ended), number(files.length));
  }

  line(card, file, n, quietly) {
    let line = card.lines.get(n);
    if (!line) {
      const fill = make("span", { class: "cb-fill" });
      const bar = make("div", { class: "cb-bar", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
      const name = make("span", { class: "cb-job-name", dir: "auto" });
      const text = make("span", { class: "cb-job-text" });
      const row = make("li", {}, name, bar, text);
      line = { row, name, bar, fill, text, said: "" };
      card.lines.set(n, line);
      card.rows.append(row);
    }
    const [text, part] = this.progress(card, file);
    line.name.textContent = file.name ?? "";
    line.name.title = file.name ?? "";
    line.row.dataset.state = file.state;
    if (line.text.textContent !== text) line.text.textContent = text;
    line.bar.setAttribute("aria-label", file.name ?? "");
    line.bar.setAttribute("aria-valuetext", text);
    line.bar.classList.toggle("cb-unknown", part == null);
    if (part == null) line.bar.removeAttribute("aria-valuenow");
    else line.bar.setAttribute("aria-valuenow", String(Math.round(part * 100)));
    line.fill.style.width = part == null ? "" : `${part * 100}%`;
    line.bar.hidden = ["ready", "skipped", "cancelled", "removed", "failed"].includes(file.state);
    if (!quietly && file.state !== line.said && ["ready", "skipped"].includes(file.state)) this.say(`${file.name}: ${text}`);
    line.said = file.state;
  }

  // What a file's line says, and how much of it is done; null where nobody knows.
  progress(card, file) {
    const w = words();
    const job = card.job;
    if (file.removal) {
      const part = job.step_total ? job.step_done / job.step_total : null;
      return ["", job.state === "waiting" ? 0 : part];
    }
    switch (file.state) {
      case "sending": return ["", card.sent ?? 0];
      case "waiting": return [w.waiting(0), 0];
      case "reading": return [w.reading, null];
      case "indexing": {
        if (job.state === "failed") return [w.kept, 1];
        const part = job.state === "indexing" && job.step_total ? job.step_done / job.step_total : 0;
        return [w.indexing(0, 0), 0.5 + part / 2];
      }
      case "ready": {
        if (file.outcome === "changed") return [w.changed_file(file.rewritten), 1];
        return [file.outcome === "new" ? w.new(file.passages) : w[file.outcome] ?? w.kept, 1];
      }
      case "cancelled": return [w.cancelled, 0];
      default: return [this.why(file), 0];
    }
  }

  why(file) {
    const w = words();
    if (!file.fault) return file.message ?? w.skipped;
    const types = "PDF, DOCX, HWPX, HTML, Markdown, TXT";
    return { suffix: w.suffix(types), large: w.large(number(this.limits.limit)), zero: w.zero }[file.fault];
  }
}

function saved() {
  try {
    const jobs = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(jobs) ? jobs.filter((job) => /^[0-9a-f]{16}$/.test(job?.id)) : [];
  } catch {
    return [];
  }
}

function save(jobs) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(jobs.slice(-20)));
  } catch { /* private mode: a reload forgets them */ }
}
