// The words of the pane in which a document is read, in the page's language.
const root = document.documentElement;
const WORDS = {
  ko: {
    pane: "근거 문서", page: "{page}쪽", close: "닫기", back: "대화로 돌아가기", modes: "보기 방식",
    original: "원문", translation: "번역", both: "함께",
    search: "문서에서 찾기", next: "다음 결과", previous: "이전 결과", none: "결과 없음", list: "결과 목록",
    nextCitation: "다음 출처 (→)", previousCitation: "이전 출처 (←)", citation: "출처 {n} / {all}",
    unsure: "인용문의 자리를 확실히 찾지 못해 표시하지 않았습니다.",
    loading: "문서를 여는 중…", failed: "문서를 열지 못했습니다.", retry: "다시 시도",
    ask: "이 문장에 대해 묻기", question: "“{text}” 이 대목을 문서에 근거해 자세히 설명해 주세요.",
    bare: "이 문서는 번역이 없습니다", more: "{all}건 중 {shown}건까지만 이동할 수 있습니다",
    help: "단축키: ← → 출처 이동 · ↑ ↓ 문장 이동 · A 이 문장에 대해 묻기 · / 찾기, ↓ 결과 목록 · Esc 닫기",
  },
  en: {
    pane: "Source document", page: "p. {page}", close: "Close", back: "Back to the conversation", modes: "View",
    original: "Original", translation: "Translation", both: "Both",
    search: "Find in the document", next: "Next result", previous: "Previous result", none: "No results", list: "List of results",
    nextCitation: "Next source (→)", previousCitation: "Previous source (←)", citation: "Source {n} of {all}",
    unsure: "The quote could not be located for certain, so nothing is highlighted.",
    loading: "Opening the document…", failed: "The document could not be opened.", retry: "Try again",
    ask: "Ask about this", question: "Please explain this passage, based on the document: “{text}”",
    bare: "This document has no translation", more: "only the first {shown} of {all} can be visited",
    help: "Keys: ← → sources · ↑ ↓ sentences · A ask about this · / find, ↓ results · Esc close",
  },
};

/** The language of the page: ko or en. */
export const lang = () => (root.dataset.lang === "en" ? "en" : "ko");

/** A word of the pane with its values. */
export const say = (key, values = {}) =>
  WORDS[lang()][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
