"use strict";
// The page is complete without this: it filters, sorts, opens and moves about. What the page
// holds is only ever written as text.
(() => {
  const $ = id => document.getElementById(id);
  const make = (tag, text, of = {}) => Object.assign(document.createElement(tag), { textContent: text }, of);
  const data = JSON.parse($("data").textContent);

  // Light and dark.
  const themes = ["auto", "light", "dark"];
  const remembered = () => { try { return localStorage.getItem("ordinance-theme"); } catch { return null; } };
  const dress = theme => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    $("theme").textContent = `Theme: ${theme === "auto" ? "system" : theme}`;
    $("theme").value = theme;
  };
  dress(themes.includes(remembered()) ? remembered() : "auto");
  $("theme").addEventListener("click", () => {
    const next = themes[(themes.indexOf($("theme").value) + 1) % themes.length];
    try { localStorage.setItem("ordinance-theme", next); } catch { /* a page from a file may not remember */ }
    dress(next);
  });
  $("theme").hidden = false;

  // A link to a part opens it, and whatever it lies in.
  const arrive = () => {
    let id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && $(id);
    if (!target) return;
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    target.scrollIntoView();
    if (target.tagName === "DETAILS") target.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", arrive);

  // Paper has nothing to open.
  const everything = () => document.querySelectorAll("details");
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...everything()].filter(one => !one.open);
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; closed = []; });

  if (!data.changes.length) return;
  for (const one of document.querySelectorAll(".tools")) one.hidden = false;
  $("keys").hidden = false;

  // Which changes a cluster has.
  const changesOf = new Map();
  for (const group of data.groups) {
    group.has = new Set();
    [...group.changes].forEach((digit, four) => {
      for (let bit = 0; bit < 4; bit++) if (parseInt(digit, 16) & (8 >> bit)) group.has.add(four * 4 + bit);
    });
    for (const cluster of group.clusters) changesOf.set(cluster.toLowerCase(), group.has);
  }

  // The table.
  const body = $("table").tBodies[0];
  const rows = [...body.rows].map((row, position) => ({
    row,
    position,
    text: row.textContent.toLowerCase(),
    link: row.querySelector("a"),
    direction: data.changes[position].direction,
  }));
  const weight = { loosens: 0, unknown: 1, tightens: 2, neutral: 3 };
  const clusters = one => Number(one.row.cells[4].textContent);
  const compare = {
    number: (a, b) => a.position - b.position,
    direction: (a, b) => weight[a.direction] - weight[b.direction],
    title: (a, b) => a.link.textContent.localeCompare(b.link.textContent, "en", { numeric: true }),
    says: (a, b) => a.row.cells[3].textContent.localeCompare(b.row.cells[3].textContent, "en", { numeric: true }),
    clusters: (a, b) => clusters(b) - clusters(a),
  };
  let order = rows;
  const chips = [...document.querySelectorAll("fieldset input")];
  const filter = () => {
    const words = $("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const ways = new Set(chips.filter(one => one.checked).map(one => one.value));
    let count = 0;
    for (const one of rows) {
      const fits = ways.has(one.direction)
        && words.every(word => one.text.includes(word) || changesOf.get(word)?.has(one.position));
      one.row.hidden = !fits;
      count += fits;
    }
    $("shown").textContent = count === rows.length ? `All ${count} shown` : `${count} of ${rows.length} shown`;
    $("none").hidden = count > 0;
  };
  for (const one of [$("words"), ...chips]) one.addEventListener("input", filter);
  $("clear").addEventListener("click", () => {
    $("words").value = "";
    for (const one of chips) one.checked = !one.disabled;
    filter();
    $("words").focus();
  });
  const heads = [...$("table").tHead.rows[0].cells];
  for (const head of heads) {
    const button = make("button", head.textContent, { type: "button" });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const by = compare[head.dataset.key];
      order = [...rows].sort((a, b) => (down ? by(b, a) : by(a, b)) || a.position - b.position);
      body.append(...order.map(one => one.row));
    });
  }
  filter();

  // The map: a row's changes as links once it is opened, what is under the pointer in words.
  const groups = [...$("groups").children].map((item, at) => ({ item, details: item.firstElementChild, data: data.groups[at] }));
  for (const { details, data: group } of groups) {
    details.addEventListener("toggle", () => {
      const place = details.querySelector(".what");
      if (!details.open || place.dataset.linked) return;
      place.dataset.linked = "yes";
      const list = document.createElement("ul");
      for (const at of group.has) {
        const change = data.changes[at];
        const item = make("li", "", { className: change.direction });
        item.append(make("span", `${at + 1} `, { className: "soft" }), make("a", change.title, { href: `#${change.id}` }));
        list.append(item);
      }
      place.replaceChildren(list);
    });
  }
  const column = (strip, event) => {
    const box = strip.getBoundingClientRect();
    return Math.min(data.changes.length - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * data.changes.length)));
  };
  const readout = $("readout");
  const point = event => {
    const strip = event.target.closest?.(".strip");
    readout.hidden = !strip;
    if (!strip) return;
    const at = column(strip, event);
    const group = groups.find(one => one.details === strip.closest("details")).data;
    const change = data.changes[at];
    const names = group.clusters.length === 1 ? group.clusters[0] : `${group.clusters[0]} and ${group.clusters.length - 1} more`;
    readout.className = change.direction;
    readout.textContent = `${at + 1} · ${change.title} · ${group.has.has(at) ? (change.direction === "unknown" ? "not known" : change.direction) : "not"} on ${names}`;
  };
  $("groups").addEventListener("pointermove", point);
  $("groups").addEventListener("pointerleave", () => { readout.hidden = true; });
  $("groups").addEventListener("click", event => {
    const strip = event.target.closest(".strip");
    if (!strip) return;
    const at = column(strip, event);
    if (!groups.find(one => one.details === strip.closest("details")).data.has.has(at)) return;
    event.preventDefault();
    location.hash = data.changes[at].id;
  });
  const narrow = () => {
    const wanted = $("names").value.toLowerCase().trim();
    let count = 0;
    for (const { item, data: group } of groups) {
      const fits = !wanted || group.clusters.some(name => name.toLowerCase().includes(wanted));
      item.hidden = !fits;
      count += fits;
    }
    $("groups-shown").textContent = wanted ? `${count} of ${groups.length} groups shown` : "";
  };
  $("names").addEventListener("input", narrow);

  // All of them at once.
  const changes = [...document.querySelectorAll("details.change")];
  $("open-all").addEventListener("click", () => { for (const one of changes) one.open = true; });
  $("close-all").addEventListener("click", () => { for (const one of changes) one.open = false; });

  // Keys.
  const move = by => {
    const shown = order.filter(one => !one.row.hidden);
    if (!shown.length) return;
    const now = shown.findIndex(one => one.row.contains(document.activeElement));
    const next = shown[now < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, now + by))];
    next.link.focus();
  };
  const back = () => {
    const details = document.activeElement.closest("details.change");
    const one = details && rows.find(row => row.link.hash === `#${details.id}`);
    if (one && !one.row.hidden) one.link.focus();
    else if (!details) document.activeElement.blur();
  };
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    const typing = at.matches("input[type=search]");
    const inTable = $("table").contains(at) || at === $("words");
    const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      if (typing && at.value) { at.value = ""; at.dispatchEvent(new Event("input")); }
      else back();
    } else if (event.key === "/" && !typing) {
      $("words").focus();
    } else if (by && (event.key.length > 1 ? inTable : !typing)) {
      move(by);
    } else if (event.key === "Enter" && at === $("words")) {
      move(1);
    } else return;
    event.preventDefault();
  });

  arrive();
  performance.mark("ordinance-ready");
})();
