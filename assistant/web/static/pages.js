// The page of a PDF that a citation stands on, over the conversation: Esc, its button and a click
// beside it close it.

async function see(link) {
  const viewer = document.createElement("dialog");
  viewer.className = "cb-viewer";
  viewer.setAttribute("aria-label", link.textContent);
  viewer.innerHTML = '<p class="cb-wait" role="status">…</p>';
  viewer.addEventListener("close", () => {
    viewer.remove();
    link.focus();
  });
  viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
  document.body.append(viewer);
  viewer.showModal();
  try {
    const reply = await fetch(link.href);
    const whole = new DOMParser().parseFromString(await reply.text(), "text/html");
    const main = whole.querySelector("main.cb-view");
    for (const name of ["src", "href"]) { // they are relative to the page that was fetched
      main.querySelectorAll(`[${name}]`).forEach((e) => e.setAttribute(name, new URL(e.getAttribute(name), reply.url)));
    }
    viewer.replaceChildren(main);
  } catch {
    viewer.close();
    window.open(link.href, "_blank", "noopener");
    return;
  }
  viewer.querySelector("button").focus({ preventScroll: true });
  viewer.querySelector(".cb-spot")?.scrollIntoView({ block: "center", inline: "start" });
}

/** Open the links to pages over the conversation; one that is to have a tab of its own gets it. */
export function start() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".cb-page");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    see(link);
  }, true);
}
