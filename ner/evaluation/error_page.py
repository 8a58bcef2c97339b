"""Errors of a tagger -> one HTML page that shows gold above predicted entities, in the style of displaCy.

The page loads no other file. It holds the most confident errors of each kind. All text from a corpus is escaped, and a
Content-Security-Policy allows no script but the page's own.
"""

import base64
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from ner.core.predictions import TaggedSentence
from ner.core.sentence import Span
from ner.core.tagscheme import tags_to_spans
from ner.evaluation.matching import CORRECT, ERRORS, EntityMatch

SHOWN = 100  # at most so many errors of each kind, and of all kinds together
COLOURS = 8  # of labels; further labels reuse them
KINDS = {
    "missed": "in gold, and nothing predicted there",
    "spurious": "predicted, and nothing in gold there",
    "wrong_label": "bounds right, label wrong",
    "wrong_boundary": "label right, bounds wrong",
    "wrong_both": "bounds and label wrong",
}


def most_confident(
    matches: Iterable[EntityMatch], kinds: Sequence[str] = ERRORS, shown: int = SHOWN
) -> list[EntityMatch]:
    """Return at most `shown` errors of `kinds`, by descending confidence; ties stay in the order of the test set."""
    errors = [match for match in matches if match.kind in kinds]
    return sorted(errors, key=lambda match: -match.confidence)[:shown]


def is_right_to_left(sentences: Iterable[TaggedSentence]) -> bool:
    """Decide whether the sentences have more right-to-left than left-to-right letters."""
    characters = Counter(character for sentence in sentences for token in sentence.tokens for character in token)
    directions: Counter[str] = Counter()
    for character, count in characters.items():
        directions[unicodedata.bidirectional(character)] += count
    return directions["R"] + directions["AL"] > directions["L"]


def error_page(run: str, sentences: Sequence[TaggedSentence], matches: Sequence[EntityMatch]) -> str:
    """Write the HTML page, of some hundred kB. `matches` are those of `sentences`, in the same order."""
    first = {id(match) for match in most_confident(matches)}
    errors = [match for kind in ERRORS for match in most_confident(matches, [kind])]
    errors.sort(key=lambda match: (-match.confidence, match.sentence))
    labels = sorted({span.label for one in matches for span in (one.gold, one.predicted) if span})
    colours = {label: number % COLOURS for number, label in enumerate(labels)}
    direction = "rtl" if is_right_to_left(sentences) else "ltr"
    counts = Counter(match.kind for match in matches)
    articles = [
        _article(match, sentences[match.sentence], colours, direction, first=id(match) in first) for match in errors
    ]
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return _PAGE.format(
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        run=escape(run),
        style=_STYLE,
        script=_SCRIPT,
        summary=_summary(counts, len(sentences)),
        legend=" ".join(f'<span class="label c{colours[label]}">{escape(label)}</span>' for label in labels),
        filters=_filters(counts),
        articles="\n".join(articles) or "<p>There is no error.</p>",
    )


def error_text(match: EntityMatch, sentence: TaggedSentence) -> str:
    """Show one error in three lines for a terminal: a heading, the gold entities, the predicted entities.

    Entities stand in brackets with their label, and the one that is wrong in double brackets. Words are in the order of
    the file; the terminal lays out right-to-left text.
    """
    labels = " → ".join(dict.fromkeys(span.label for span in (match.gold, match.predicted) if span))
    lines = [f"{_words(match.kind)}: {labels}, confidence {match.confidence:.1%}, sentence {match.sentence + 1}"]
    for name, tags, own in (
        ("gold", sentence.gold, match.gold),
        ("predicted", sentence.predicted, match.predicted),
    ):
        words = list(sentence.tokens)
        for span in tags_to_spans(tags, strict=True):
            opening, closing = ("[[", "]]") if span == own else ("[", "]")
            words[span.start] = opening + words[span.start]
            words[span.end - 1] += f" {span.label}{closing}"
        lines.append(f"  {name:<10}{' '.join(words)}")
    return "\n".join(lines)


def _summary(counts: Counter[str], sentences: int) -> str:
    errors = sum(counts[kind] for kind in ERRORS)
    return f"{sentences:,} test sentences, {counts[CORRECT]:,} entities found, {errors:,} errors."


def _filters(counts: Counter[str]) -> str:
    total = sum(counts[kind] for kind in ERRORS)
    choices = [("all", "all", total, "of every kind"), *((k, _words(k), counts[k], KINDS[k]) for k in ERRORS)]
    return "\n".join(
        f'<label title="{escape(meaning)}"><input type="radio" name="kind" value="{kind}" id="{kind}"'
        f"{' checked' if kind == 'all' else ''}> {name} <small>{_how_many(count)}</small></label>"
        for kind, name, count, meaning in choices
    )


def _how_many(count: int) -> str:
    return f"{SHOWN} of {count:,}" if count > SHOWN else f"{count:,}"


def _article(
    match: EntityMatch, sentence: TaggedSentence, colours: dict[str, int], direction: str, *, first: bool
) -> str:
    rows = "".join(
        f'<dt>{name}</dt><dd dir="{direction}">{_marked(sentence.tokens, tags, own, colours)}</dd>'
        for name, tags, own in (
            ("gold", sentence.gold, match.gold),
            ("predicted", sentence.predicted, match.predicted),
        )
    )
    return (
        f'<article class="{match.kind}{" first" if first else ""}" tabindex="-1">'
        f"<h2>{_words(match.kind)} <small>{_verdict(match)} · confidence {match.confidence:.1%}"
        f" · sentence {match.sentence + 1}</small></h2><dl>{rows}</dl></article>"
    )


def _verdict(match: EntityMatch) -> str:
    """Return the gold and the predicted label, or one label if they are equal or only one exists."""
    labels = [span.label for span in (match.gold, match.predicted) if span]
    return escape(" → ".join(dict.fromkeys(labels)))


def _marked(tokens: Sequence[str], tags: Sequence[str], own: Span | None, colours: dict[str, int]) -> str:
    """Return the sentence as HTML, with its entities marked and the entity of this error, `own`, framed."""
    pieces: list[str] = []
    position = 0
    for span in tags_to_spans(tags, strict=True):
        pieces.extend(escape(token) for token in tokens[position : span.start])
        text = escape(" ".join(tokens[span.start : span.end]))
        classes = f"c{colours[span.label]}{' own' if span == own else ''}"
        label = f'<b dir="ltr">{escape(span.label)}</b>'
        pieces.append(f'<mark class="{classes}" dir="auto">{text}\N{NO-BREAK SPACE}{label}</mark>')
        position = span.end
    pieces.extend(escape(token) for token in tokens[position:])
    return " ".join(pieces)


def _words(kind: str) -> str:
    return kind.replace("_", " ")


# Tints of eight hues that are told apart without red and green; the label's name stands in each mark anyway.
_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --faint: #5c5c5c; --paper: #fff; --line: #d5d5d5; --own: #1a1a1a;
  --c0: #cfe6f7; --c1: #ffe2b3; --c2: #c9efdf; --c3: #f3d3e6; --c4: #fbf3a8; --c5: #ffd2bd; --c6: #d9d6f5;
  --c7: #dedede; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --faint: #ababab; --paper: #17181a; --line: #3a3c40;
  --own: #fff; --c0: #12435f; --c1: #5f4206; --c2: #0c4d3a; --c3: #5c2747; --c4: #4f4a05; --c5: #692f12; --c6: #3b3670;
  --c7: #45474b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans Arabic", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
header p { margin: .25rem 0; color: var(--faint); }
fieldset { border: 0; padding: .6rem 0; margin: .6rem 0 0; position: sticky; top: 0; background: var(--paper);
  border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .35rem; z-index: 1; }
legend { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
fieldset label { border: 1px solid var(--line); border-radius: 1rem; padding: .15rem .7rem; cursor: pointer; }
fieldset label:has(:checked) { background: var(--ink); color: var(--paper); border-color: var(--ink); }
fieldset label:has(:checked) small { color: inherit; }
fieldset label:has(:focus-visible) { outline: 3px solid #0072b2; outline-offset: 2px; }
fieldset input { position: absolute; opacity: 0; }
small { color: var(--faint); font-weight: normal; font-size: .85rem; }
article { border-bottom: 1px solid var(--line); padding: .8rem .6rem; scroll-margin-top: 5.5rem; }
article:focus { outline: 3px solid #0072b2; outline-offset: -3px; }
h2 { font-size: 1rem; margin: 0 0 .3rem; }
dl { display: grid; grid-template-columns: 5.5rem 1fr; gap: .35rem .6rem; margin: 0; }
dt { color: var(--faint); font-size: .85rem; padding-top: .25rem; }
dd { margin: 0; line-height: 1.9; overflow-wrap: anywhere; }
mark, .label { color: var(--ink); border-radius: .3rem; padding: .1rem .35rem; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; }
mark b { font-size: .7rem; letter-spacing: .02em; vertical-align: .08em; }
mark.own { box-shadow: 0 0 0 2px var(--own); margin: 0 .2rem; }
.c0 { background: var(--c0); } .c1 { background: var(--c1); } .c2 { background: var(--c2); }
.c3 { background: var(--c3); } .c4 { background: var(--c4); } .c5 { background: var(--c5); }
.c6 { background: var(--c6); } .c7 { background: var(--c7); }
body:has(#all:checked) article:not(.first), body:has(#missed:checked) article:not(.missed),
body:has(#spurious:checked) article:not(.spurious), body:has(#wrong_label:checked) article:not(.wrong_label),
body:has(#wrong_boundary:checked) article:not(.wrong_boundary), body:has(#wrong_both:checked) article:not(.wrong_both)
  { display: none; }
kbd { border: 1px solid var(--line); border-radius: .2rem; padding: 0 .3rem; font: inherit; font-size: .85rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } }
@media print { fieldset, .keys { display: none; } mark { border: 1px solid; } article { break-inside: avoid; } }
"""

_SCRIPT = """
document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const shown = [...document.querySelectorAll("article")].filter((one) => one.offsetParent !== null);
  const now = shown.indexOf(document.activeElement);
  const next = shown[now < 0 ? 0 : Math.min(Math.max(now + step, 0), shown.length - 1)];
  if (next) next.focus();
});
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errors of {run}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>Errors of {run}</h1>
<p>{summary} The most confident come first; the entity in question is framed.</p>
<p>Labels: {legend}</p>
<p class="keys"><kbd>j</kbd> <kbd>k</kbd> next and previous error; <kbd>←</kbd> <kbd>→</kbd> change the kind.</p>
</header>
<fieldset>
<legend>Kind of error</legend>
{filters}
</fieldset>
<main>
{articles}
</main>
<script>{script}</script>
</body>
</html>
"""
