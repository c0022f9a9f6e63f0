// Runs in the page before all other code. Keeps every text that the banner has had, also if it was shown only shortly.
globalThis.banners = [];
let last = "";
new MutationObserver(() => {
  const text = document.querySelector("[role=status]")?.textContent ?? "";
  if (text !== last && text !== "") globalThis.banners.push(text);
  last = text;
}).observe(document, { subtree: true, childList: true, characterData: true });
