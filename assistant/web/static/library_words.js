// What the library pane says, in both languages.
const count = (n, one, many) => (String(n) === "1" ? one : many);
export const WORDS = {
  ko: {
    heading: "문서함", upload: "올리기", shared: "이 서버를 쓰는 모두가 함께 보는 문서입니다.",
    drop: "여기에 놓으면 올라갑니다", filter: "제목으로 찾기", all: "모두 선택", none: "모두 해제",
    asked: (n, of) => (n === of ? `${of}건 모두에 묻습니다` : `${of}건 가운데 ${n}건에 묻습니다`),
    one: "적어도 한 건은 골라야 합니다.", nothing: "이 제목의 문서가 없습니다.", empty: "아직 문서가 없습니다. 파일을 올리면 물어볼 수 있습니다.",
    pages: (n) => `${n}쪽`, passages: (n) => `대목 ${n}개`, ask: (t) => `질문할 문서: ${t}`,
    more: (t) => `${t}: 자세히`, only: "이 문서만", remove: "지우기", open: "문서 열기", loading: "불러오는 중입니다…",
    broken: "문서 목록을 불러오지 못했습니다.", retry: "다시 시도", sections: "차례", page: (n) => `${n}쪽`, rest: (n) => `그 밖에 ${n}개`,
    file: "파일", format: "형식", edition: "다른 언어", source: "출처", licence: "이용 조건", added: "올린 날", changed: "바뀐 날", language: "언어", length: "분량", date: "기준",
    none_edition: "번역 없음", unofficial: "비공식 번역", machine: (m) => `기계 번역 (${m})`, text: "텍스트", builtin: "처음부터 들어 있는 문서", warnings: "읽으며 알게 된 점",
    sending: (p) => `보내는 중 ${p}`, stored: "서버에 저장하는 중", waiting: (n) => (n ? `앞의 작업 ${n}건을 기다리는 중` : "기다리는 중"), reading: "읽는 중",
    of: (i, n) => `파일 ${n}개 가운데 ${i}개 처리`, indexing: (d, t) => (t ? `색인 만드는 중 ${d}/${t}` : "색인 만드는 중"), skipped: "올리지 못함", cancelled: "취소함",
    new: (p) => `추가함 · 대목 ${p}개`, changed_file: (p) => `새 내용으로 바꿈 · 대목 ${p}개를 다시 씀`, unchanged: "이미 있는 내용과 같음", same: "같은 파일이 이미 있음",
    kept: "보관함", cancel: "취소", cancelling: "읽고 있는 파일까지만 처리하는 중", dismiss: "닫기", lost: "서버와 연결이 끊겼습니다. 다시 올려 주십시오.",
    suffix: (s) => `읽지 않는 형식입니다. ${s} 가운데 하나로 저장해 올려 주십시오.`, large: (n) => `파일 하나에 ${n}MB까지 올릴 수 있습니다. 나누어 올려 주십시오.`,
    zero: "내용이 없는 파일입니다.", many: (n) => `한 번에 ${n}개까지 올릴 수 있습니다. 나누어 올려 주십시오.`, job: "올린 파일", removing: "지우는 중",
    sure: "이 문서를 지울까요?", consequence: "모든 사용자의 문서 목록에서 사라지고 되돌릴 수 없습니다. 이미 받은 답변과 내보낸 파일에 인용된 문장은 남습니다.",
    proved: (s, f) => (s ? `지웠습니다. 파일 ${f}개에서 이 문서의 문장 ${s}개를 찾아보았고, 남은 것이 없습니다.` : "지웠습니다. 기록에 남은 것이 없습니다."),
    unproved: "지웠지만, 이전 판을 읽고 있는 프로그램이 있어 디스크에 흔적이 남아 있을 수 있습니다. 다음에 문서가 바뀔 때 지워집니다.",
  },
  en: {
    heading: "Documents", upload: "Upload", shared: "Shared by everyone who uses this server.",
    drop: "Drop files to upload them", filter: "Find by title", all: "Select all", none: "Clear",
    asked: (n, of) => (n === of ? count(of, "Asking the one document", `Asking all ${of}`) : `Asking ${n} of ${of}`),
    one: "At least one document has to stay selected.", nothing: "No document has this title.", empty: "No documents yet. Upload a file to ask about it.",
    pages: (n) => `${n} ${count(n, "page", "pages")}`, passages: (n) => `${n} ${count(n, "passage", "passages")}`, ask: (t) => `Ask: ${t}`,
    more: (t) => `${t}: details`, only: "Only this one", remove: "Remove", open: "Open", loading: "Loading…",
    broken: "The list of documents could not be loaded.", retry: "Try again", sections: "Contents", page: (n) => `p. ${n}`, rest: (n) => `and ${n} more`,
    file: "File", format: "Format", edition: "Other language", source: "Source", licence: "Licence", added: "Added", changed: "Changed", language: "Language", length: "Length", date: "As of",
    none_edition: "No translation", unofficial: "Unofficial translation", machine: (m) => `Machine translation (${m})`, text: "Text", builtin: "Built in", warnings: "Noticed while reading",
    sending: (p) => `Sending ${p}`, stored: "Being stored", waiting: (n) => (n ? `Waiting for ${n} ${count(n, "job", "jobs")} before it` : "Waiting"), reading: "Reading",
    of: (i, n) => `${i} of ${n} files done`, indexing: (d, t) => (t ? `Indexing ${d} of ${t}` : "Indexing"), skipped: "Not added", cancelled: "Cancelled",
    new: (p) => `Added · ${p} ${count(p, "passage", "passages")}`, changed_file: (p) => `Updated · ${p} ${count(p, "passage", "passages")} rewritten`, unchanged: "Same as what is there", same: "The same file is there already",
    kept: "Kept", cancel: "Cancel", cancelling: "Finishing the files being read", dismiss: "Dismiss", lost: "The connection was lost. Upload again.",
    suffix: (s) => `This type of file is not read. Save it as one of ${s}.`, large: (n) => `A file may have ${n} MB. Split it, and upload the parts.`,
    zero: "This file is empty.", many: (n) => `Up to ${n} files can be uploaded at once. Upload them in parts.`, job: "Uploaded files", removing: "Removing",
    sure: "Remove this document?", consequence: "It disappears for everyone, and this cannot be undone. Sentences quoted in answers and exports that people already have stay there.",
    proved: (s, f) => (s ? `Removed. ${s} of its sentences ${count(s, "was", "were")} looked for in ${f} files, and nothing is left.` : "Removed. Nothing of it is left in the record."),
    unproved: "Removed, but a program that still reads an older version may keep traces on the disk. They go with the next change.",
  },
};

export const lang = () => (document.documentElement.dataset.lang === "en" ? "en" : "ko");
export const words = () => WORDS[lang()];
export const number = (n) => new Intl.NumberFormat(lang()).format(n);
export const percent = (f) => new Intl.NumberFormat(lang(), { style: "percent" }).format(f);

export function language(code) {
  return new Intl.DisplayNames([lang()], { type: "language" }).of(code) ?? code;
}

// "2024", "2024-11" or a whole date, as a reader says it; anything else as it is.
export function date(text) {
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(text ?? "");
  if (!parts) return text ?? "";
  const options = { year: "numeric", timeZone: "UTC" };
  if (parts[2]) options.month = lang() === "ko" ? "long" : "short";
  if (parts[3]) options.day = "numeric";
  const day = new Date(Date.UTC(+parts[1], (parts[2] ?? 1) - 1, parts[3] ?? 1));
  return new Intl.DateTimeFormat(lang(), options).format(day);
}

// A moment (UTC), as the day that it is where the reader is.
export function day(text) {
  const moment = new Date(text);
  return Number.isNaN(+moment) ? "" : new Intl.DateTimeFormat(lang(), { dateStyle: "medium" }).format(moment);
}

// An element with its text or children; nothing is ever parsed as HTML.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}
