"use strict";
// The browser of sentences: everything it searches stands in the page; text goes in as text, never as markup.
(() => {
  const { by, docs, frames, voices, rows } = JSON.parse(document.getElementById("data").textContent);
  const [DOC, PARAGRAPH, LINE, VOICE, TEXT, HITS] = [0, 1, 2, 3, 4, 5];
  const [ID, FILE, TITLE, GROUPS] = [0, 1, 2, 3];
  const STEP = 100, CONTEXT = 40;
  const at = (id) => document.getElementById(id);
  const form = at("search"), list = at("list"), found = at("found"), more = at("more");
  const filters = [...form.querySelectorAll("input, select:not(#view)")];
  const groups = [...form.querySelectorAll("[data-by]")];
  const frameNames = new Map([...at("frame").options].map((option) => [option.value, option.textContent]));
  const language = at("frame").options[1]?.lang ?? "";
  let matches = [], shown = 0, words = [], frame = -1, waiting = 0;

  const make = (tag, props = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };
  const chinese = (tag, ...children) => make(tag, { lang: "zh-Hans" }, ...children);
  const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

  /** Spans to mark in a sentence: the words looked for, or else the hits of the frame chosen; [start, end, negated]. */
  const spans = (row) => {
    const marks = [];
    for (const word of words)
      for (let start = row[TEXT].indexOf(word); start >= 0; start = row[TEXT].indexOf(word, start + word.length))
        marks.push([start, start + word.length, 0]);
    for (const [own, start, end, negated] of row[HITS]) if (own === frame) marks.push([start, end, negated]);
    marks.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    return marks.filter(([start], i) => !marks.slice(0, i).some((other) => start < other[1]));
  };

  const marked = (text, marks) => {
    const parts = [];
    let end = 0;
    for (const [a, b, negated] of marks) {
      parts.push(text.slice(end, a), make("mark", negated ? { className: "negated", title: "negated" } : {}, text.slice(a, b)));
      end = b;
    }
    return [...parts, text.slice(end)];
  };

  const place = (row, hits = []) => {
    const names = [...new Set(hits.map((hit) => frameNames.get(frames[hit[0]])))];
    const line = make("span", { className: "place" }, make("bdi", {}, docs[row[DOC]][FILE]), `, line ${row[LINE]}`);
    if (voices[row[VOICE]] !== "narrator") line.append(`, ${voices[row[VOICE]]}`);
    if (names.length) line.append(" · ", make("span", { className: "frames", lang: language }, names.join(language ? "，" : ", ")));
    return line;
  };

  /** The paragraph of a sentence, made when it is first opened. */
  const paragraph = (number) => {
    const same = (other) => rows[other] && rows[other][DOC] === rows[number][DOC] && rows[other][PARAGRAPH] === rows[number][PARAGRAPH];
    let first = number, last = number;
    while (same(first - 1)) first--;
    while (same(last + 1)) last++;
    const parts = rows.slice(first, last + 1).map((row, i) =>
      make("span", first + i === number ? { className: "here" } : {}, ...marked(row[TEXT], spans(row))));
    const doc = docs[rows[number][DOC]];
    const about = [doc[TITLE], ...doc[GROUPS]].filter(Boolean).join(" · ");
    return make("div", { className: "paragraph" }, chinese("bdi", ...parts), make("p", { className: "place", lang: "zh-Hans" }, about));
  };

  const openable = (number, ...summary) => {
    const details = make("details", {}, make("summary", {}, ...summary));
    details.addEventListener("toggle", () => details.children.length === 1 && details.append(paragraph(number)), { once: true });
    return make("li", {}, details);
  };

  const asSentence = ([number]) => {
    const row = rows[number];
    return openable(number, chinese("bdi", ...marked(row[TEXT], spans(row))), place(row, row[HITS]));
  };

  const asContext = ([number, start, end, negated]) => {
    const row = rows[number], text = row[TEXT];
    const part = (from, to) => chinese("span", make("bdi", {}, text.slice(from, to)));
    const line = make("span", { className: "kwic" }, part(Math.max(0, start - CONTEXT), start),
      chinese("mark", text.slice(start, end)), part(end, end + CONTEXT));
    if (negated) line.children[1].className = "negated";
    return openable(number, line, place(row));
  };

  const show = () => {
    const next = matches.slice(shown, shown + STEP);
    list.append(...next.map(at("view").value === "sentences" || !(words.length || frame >= 0) ? asSentence : asContext));
    shown += next.length;
    more.hidden = shown >= matches.length;
    more.textContent = `Show ${Math.min(STEP, matches.length - shown)} more`;
  };

  /** Every match as its own line, in the order asked for: what follows it, or what goes before it read backwards. */
  const inContext = (numbers, order) => {
    const lines = numbers.flatMap((number) => spans(rows[number]).map((mark) => [number, ...mark]));
    const key = ([number, start, end]) => order === "right" ? rows[number][TEXT].slice(end, end + 12)
      : [...rows[number][TEXT].slice(Math.max(0, start - 12), start)].reverse().join("");
    if (order === "text") return lines;
    const keyed = lines.map((line) => [key(line), line]);
    return keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)).map(([, line]) => line);
  };

  const search = () => {
    clearTimeout(waiting);
    words = [...new Set(form.elements.q.value.split(/\s+/).filter(Boolean))];
    frame = frames.indexOf(at("frame").value);
    const voice = voices.indexOf(at("voice").value), view = at("view").value;
    const named = at("doc").value.trim().toLowerCase();
    const exact = docs.some((doc) => doc[ID].toLowerCase() === named);
    const chosen = groups.map((select) => [Number(select.dataset.by), select.value]).filter(([, value]) => value);
    const set = filters.filter((field) => field.value.trim()).map((field) => field.labels[0].firstChild.textContent.trim());
    const wanted = docs.map((doc) => (!named || (exact ? doc[ID].toLowerCase() === named : doc.slice(0, 3).some((text) => text.toLowerCase().includes(named))))
      && chosen.every(([column, value]) => doc[GROUPS][column] === value));
    const numbers = [];
    rows.forEach((row, number) => {
      if (wanted[row[DOC]] && (voice < 0 || row[VOICE] === voice) && words.every((word) => row[TEXT].includes(word))
        && (frame < 0 || row[HITS].some((hit) => hit[0] === frame))) numbers.push(number);
    });
    const contexts = view !== "sentences" && (words.length || frame >= 0);
    matches = contexts ? inContext(numbers, view) : numbers.map((number) => [number]);
    shown = 0;
    list.replaceChildren();
    show();
    const articles = new Set(numbers.map((number) => rows[number][DOC])).size;
    found.textContent = (contexts ? `${plural(matches.length, "place")} in ` : "") + `${plural(numbers.length, "sentence")} of ${plural(articles, "article")}`
      + (matches.length > shown ? `; the first ${shown} are shown.` : numbers.length || set.length < 2 ? "." : `: ${set.join(", ")} apply together; clear one of them.`);
    at("sentences").classList.toggle("chosen", set.length > 0);
  };

  const soon = () => { clearTimeout(waiting); waiting = setTimeout(search, 120); };
  form.addEventListener("input", soon);
  form.addEventListener("reset", soon);
  form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
  more.addEventListener("click", () => {
    const first = shown;
    show();
    found.textContent = `${shown.toLocaleString("en")} of ${matches.length.toLocaleString("en")} are shown.`;
    list.children[first]?.querySelector("summary").focus();
  });

  // a word, frame or article in a table leads to its sentences
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.find");
    if (!link) return;
    event.preventDefault();
    location.hash = "sentences";  // so that Back leads to the figure again
    form.reset();
    for (const [name, value] of Object.entries(JSON.parse(link.dataset.find))) form.elements[name].value = value;
    search();
    at("sentences-name").focus({ preventScroll: true });
    at("sentences-name").scrollIntoView();
  });

  // what does not scroll needs no stop on the way of the Tab key
  const watch = new ResizeObserver((entries) => entries.forEach(({ target }) => { target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1; }));
  document.querySelectorAll(".wide").forEach((region) => watch.observe(region));

  at("docs").append(...docs.map((doc) => make("option", { value: doc[ID] }, doc[TITLE])));
  at("voice").append(...voices.map((voice) => make("option", { value: voice }, voice)));
  form.hidden = false;
  search();
})();
