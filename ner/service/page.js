"use strict";
// Text in, marked entities out. What comes from users and taggers becomes text nodes, never markup.

const EXAMPLES = [
  { name: "News", language: "en", text: "Elena Thornwick, the head of Brenford Motors, flew from Paris to Baghdad on Tuesday for talks with the United Nations.\n\n“We will not leave Iraq before June,” she told Reuters. The company's shares fell 4 percent in London, where Omar Al-Tormi of the Bank of England warned of a second crisis since 2008." },
  { name: "Sport", language: "en", text: "Milan beat Chelsea 2-1 in Sydney on Sunday. Viktor Halley scored twice for the Italians before Jordan Berry was sent off, and coach Luis O'Tamell said the European Cup was still open." },
  { name: "Biomedicine", language: "en", labels: ["Chemical", "Disease"], text: "Acute renal failure after high-dose ibuprofen: a 46-year-old woman with rheumatoid arthritis developed nausea and oliguria two days after ibuprofen was started. Creatinine fell when the drug was stopped and prednisone was given." },
  { name: "أخبار", language: "ar", text: "وصل كريم البغدادي ، رئيس شركة بردال للنفط ، إلى القاهرة يوم الثلاثاء في زيارة تستمر 3 أيام . وقالت سميرة حسن لوكالة رويترز إن الأمم المتحدة أرسلت وفدا إلى بغداد ودمشق ." },
];
const COLOURS = 8;
const one = (id) => document.getElementById(id);
const percent = (share) => `${(Math.floor(1000 * share) / 10).toFixed(1)}%`; // never 100% for what is less
const plural = (count, noun, nouns = `${noun}s`) => `${count.toLocaleString("en")} ${count === 1 ? noun : nouns}`;
let models = [];
let answer = null; // what was found in `asked`
let asked = "";
let request = null; // the one under way

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function tell(text) {
  one("error").hidden = true;
  one("status").textContent = text;
}

function complain(text) {
  one("status").textContent = "";
  one("error").textContent = text;
  one("error").hidden = false;
}

async function fetchJson(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The service does not answer. Is it still running?");
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  const message = body?.error?.message ?? `The service answered with status ${response.status}.`;
  throw new Error(response.status === 503 ? `The service is busy: ${message} Try again in a moment.` : message);
}

const chosen = () => models.find((model) => model.name === one("model").value);
const labelsOf = (model) => [...new Set(model.tags.filter((tag) => tag !== "O").map((tag) => tag.slice(2)))].sort();

function colour(label) {
  const labels = labelsOf(models.find((model) => model.name === answer.model));
  return `c${Math.max(labels.indexOf(label), 0) % COLOURS}`;
}

function showModel() {
  const model = chosen();
  const labels = labelsOf(model);
  one("text").lang = model.language;
  const score = model.card.scores.entity_f1;
  const scored = score === undefined ? "" : ` It scores ${percent(score)} entity F1 on the test set of ${model.card.corpus}.`;
  one("card").textContent = `${model.name} finds ${labels.join(", ")}.${scored}`;
  const fitting = EXAMPLES.filter((example) => example.language === model.language);
  const special = fitting.filter((example) => example.labels?.every((label) => labels.includes(label)));
  const shown = special.length ? special : fitting.filter((example) => !example.labels);
  one("examples").replaceChildren(...shown.map((example) => element("button", {
    type: "button", textContent: example.name, lang: example.language,
    onclick: () => { one("text").value = example.text; find(); },
  })));
}

async function find() {
  request?.abort();
  const text = one("text").value;
  if (!text.trim()) return complain("There is no text yet: paste one, or take an example.");
  const own = request = new AbortController();
  one("tag").setAttribute("aria-busy", "true");
  tell("Looking …");
  const started = performance.now();
  try {
    const found = await fetchJson("predict", {
      method: "POST", headers: { "Content-Type": "application/json" }, signal: own.signal,
      body: JSON.stringify({ text, model: one("model").value }),
    });
    [answer, asked] = [found, text];
    show(Math.round(performance.now() - started));
  } catch (error) {
    if (error.name === "AbortError") return;
    one("result").hidden = true;
    complain(error.message);
  } finally {
    if (request === own) one("tag").setAttribute("aria-busy", "false");
  }
}

function show(milliseconds) {
  const tokens = answer.sentences.reduce((sum, sentence) => sum + sentence.tokens.length, 0);
  const entities = answer.sentences.flatMap((sentence) => sentence.entities);
  const counts = new Map();
  for (const { label } of entities) counts.set(label, (counts.get(label) ?? 0) + 1);
  one("legend").replaceChildren(...[...counts].sort().map(([label, count]) =>
    element("li", { className: colour(label), textContent: `${label} ${count}` })));
  one("json").textContent = JSON.stringify(answer, null, 1);
  one("result").hidden = false;
  mark();
  const read = `${plural(answer.sentences.length, "sentence")}, ${plural(tokens, "token")}, ${milliseconds} ms`;
  tell(`${plural(entities.length, "entity", "entities")} found in ${read}.`);
}

// The text with its entities marked, and the table, without those below the slider.
function mark() {
  const least = Number(one("least").value) / 100;
  one("shown").textContent = `${one("least").value}%`;
  const characters = [...asked]; // offsets count code points, JavaScript counts UTF-16
  const language = models.find((model) => model.name === answer.model).language;
  const entities = answer.sentences.flatMap((sentence) => sentence.entities).filter((found) => found.confidence >= least);
  const pieces = [];
  let position = 0;
  for (const entity of entities) {
    pieces.push(characters.slice(position, entity.start).join(""), marked(entity));
    position = entity.end;
  }
  pieces.push(characters.slice(position).join(""));
  one("marked").lang = language;
  one("marked").replaceChildren(...pieces);
  one("rows").replaceChildren(...entities.map((entity) => row(entity, language)));
  one("list").hidden = !entities.length;
}

function marked(entity) {
  const sure = percent(entity.confidence);
  const label = element("b", { dir: "ltr", textContent: `${entity.label} ${sure}` });
  const made = element("mark", { className: colour(entity.label), dir: "auto", title: `${entity.label}, ${sure}` }, `${entity.text}\u00a0`, label);
  made.style.setProperty("--sure", String(100 * entity.confidence));
  return made;
}

function row(entity, language) {
  const gauge = element("span", { className: `gauge ${colour(entity.label)}` });
  gauge.style.setProperty("--sure", String(100 * entity.confidence));
  return element("tr", {},
    element("td", {}, element("bdi", { lang: language, textContent: entity.text })),
    element("td", {}, element("span", { className: `label ${colour(entity.label)}`, textContent: entity.label })),
    element("td", {}, gauge, percent(entity.confidence)),
    element("td", { className: "number", textContent: `${entity.start}–${entity.end}` }));
}

async function copy() {
  const text = one("json").textContent;
  try {
    await navigator.clipboard.writeText(text); // which browsers have on https and on this machine alone
  } catch {
    const area = element("textarea", { value: text, className: "hidden" });
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    one("copy").focus();
    if (!copied) return complain("The browser does not let the page copy; the JSON can be selected under “As JSON”.");
  }
  tell("JSON copied.");
}

function clear() {
  request?.abort();
  one("text").value = "";
  one("result").hidden = true;
  tell("");
  one("text").focus();
}

one("form").addEventListener("submit", (event) => { event.preventDefault(); find(); });
one("clear").addEventListener("click", clear);
one("copy").addEventListener("click", copy);
one("least").addEventListener("input", mark);
one("model").addEventListener("change", showModel);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); find(); }
});
fetchJson("model").then((body) => {
  models = body.models;
  one("model").replaceChildren(...models.map((model) => new Option(model.name, model.name)));
  showModel();
}).catch((error) => complain(error.message));
