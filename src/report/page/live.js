// Hears of news, and shows another page in place of this one as if nothing had moved.
(() => {
  const $ = id => document.getElementById(id);
  const live = $("live"), says = live.querySelector("p"), complaints = live.querySelector("pre");
  const wrongly = says.textContent;
  const KEY = "ordinance-live";
  const each = (what, run) => { for (const one of document.querySelectorAll(what)) run(one); };

  // A change that says something else than before has another id, but for its beginning.
  const stem = id => id.replace(/-[0-9a-f]+(-\d+)?$/, "");
  const find = id => $(id) || [...document.querySelectorAll("details, section")].find(one => one.id && stem(one.id) === stem(id));

  const keep = () => {
    const kept = { fields: {}, ways: [], open: [], known: [], top: scrollY };
    each("input[type=search]", one => { kept.fields[one.id] = one.value; });
    each("input[name=way]:not(:disabled):not(:checked)", one => kept.ways.push(one.value));
    each("details[id]", one => { kept.known.push(stem(one.id)); if (one.open) kept.open.push(one.id); });
    const sorted = document.querySelector("th[aria-sort]");
    if (sorted) kept.sorted = [sorted.dataset.key, sorted.getAttribute("aria-sort")];
    const at = document.activeElement;
    kept.focus = at.id || at.closest?.("[id]")?.id;
    kept.inside = Boolean(at.id);
    // What stands first on the screen is to stand there again.
    for (const one of document.querySelectorAll("section[id], details[id]")) {
      const box = one.getBoundingClientRect();
      if (box.height && box.top <= innerHeight / 3 && box.bottom > 0) kept.first = { id: one.id, top: box.top };
    }
    try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* then it begins anew */ }
  };

  const restore = () => {
    let kept;
    try {
      kept = JSON.parse(sessionStorage.getItem(KEY));
      sessionStorage.removeItem(KEY);
    } catch { return; }
    if (!kept) return;
    history.scrollRestoration = "manual";
    const told = one => one.dispatchEvent(new Event("input"));
    for (const [id, value] of Object.entries(kept.fields)) if ($(id) && value) { $(id).value = value; told($(id)); }
    each("input[name=way]", one => { if (kept.ways.includes(one.value) && !one.disabled) { one.checked = false; told(one); } });
    const sorted = kept.sorted && document.querySelector(`th[data-key=${CSS.escape(kept.sorted[0])}] button`);
    for (let press = 0; sorted && press < 2 && sorted.parentElement.getAttribute("aria-sort") !== kept.sorted[1]; press++) sorted.click();
    each("details[id]", one => { if (kept.known.includes(stem(one.id))) one.open = false; });
    for (const id of kept.open) { const one = find(id); if (one?.tagName === "DETAILS") one.open = true; }
    const focus = kept.focus && find(kept.focus);
    (focus?.tagName === "DETAILS" ? focus.querySelector("summary") : kept.inside && focus)?.focus?.({ preventScroll: true });
    const place = () => {
      const first = kept.first && find(kept.first.id);
      if (first) scrollBy({ top: first.getBoundingClientRect().top - kept.first.top, behavior: "instant" });
      else scrollTo({ top: kept.top, behavior: "instant" });
    };
    place();
    // Rows that were not in view have their height now.
    requestAnimationFrame(() => requestAnimationFrame(place));
  };

  const show = (words, text) => {
    live.hidden = !words;
    if (says.textContent !== words) says.textContent = words;
    if (complaints.textContent !== text) complaints.textContent = text;
  };
  restore();
  const heard = new EventSource("/events");
  heard.onmessage = event => {
    const news = JSON.parse(event.data);
    if (news.page !== live.dataset.page) {
      heard.close();
      keep();
      location.reload();
    } else show(news.wrong === null ? "" : wrongly, news.wrong ?? "");
  };
  heard.onerror = () => show("This page is no longer served; it is as it was last.", "");
  performance.mark("ordinance-live");
})();
