"""Templates -> invented English news in the format of GMB's ner_dataset.csv, its quirks included."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from grammar import Grammar, has_repeated_mention, pieces, read_sections, tidy

SENTENCES = 1200
REPEATED_SENTENCES = 24
RETAGGED_REPEATS = 5
MISTAKEN_LABELS = {"geo": "org", "org": "geo", "per": "org", "gpe": "geo"}

WORD_WITH_POS = re.compile(r"(.+)/([A-Z]{2,4})")
NUMBER = re.compile(r"\d[\d,-]*")
ADJECTIVE = re.compile(r"\d+-year-old")
AUXILIARIES = frozenset(["am", "are", "be", "became", "been", "has", "have", "had", "is", "was", "were"])


@dataclass(frozen=True)
class Token:
    """One row of the file."""

    word: str
    pos: str
    tag: str


Sentence = list[Token]


def make_news(templates: Path, rng: Random) -> list[Sentence]:
    """Different sentences, then the quirks: repeats, a non-breaking space, and a last sentence cut off."""
    grammar = Grammar(read_sections(templates / "news_names.txt") | read_sections(templates / "news.txt"), rng)
    lexicon = read_lexicon(templates / "pos.txt")
    sentences: dict[str, Sentence] = {}
    while len(sentences) < SENTENCES - REPEATED_SENTENCES:
        text = tidy(grammar.expand("sentence"))
        if not has_repeated_mention(text):
            sentences[text] = tag_sentence(text, lexicon)
    repeated = with_repeats(list(sentences.values()), rng)
    return cut_off_end(with_non_breaking_space(repeated))


def read_lexicon(path: Path) -> dict[str, str]:
    """Word -> part of speech; a word listed twice keeps the first."""
    lexicon: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("# "):
            pos, words = line.split(": ", 1)
            for word in words.split():
                lexicon.setdefault(word, pos)
    return lexicon


def tag_sentence(text: str, lexicon: Mapping[str, str]) -> Sentence:
    """Split marked text at spaces; entities become IOB2 tags."""
    tokens: Sentence = []
    for piece in pieces(text):
        prefix = "B"
        for written in piece.text.split():
            overruled = WORD_WITH_POS.fullmatch(written)
            word = overruled[1] if overruled else written
            pos = overruled[2] if overruled else part_of_speech(word, piece.label, tokens, lexicon)
            tokens.append(Token(word, pos, f"{prefix}-{piece.label}" if piece.label else "O"))
            prefix = "I"
    return tokens


def part_of_speech(word: str, label: str | None, before: Sentence, lexicon: Mapping[str, str]) -> str:
    """Penn tag of `word`, which follows the tokens `before`."""
    if word == '"':
        return "''" if any(token.word == '"' for token in before) else "``"
    if NUMBER.fullmatch(word):
        return "CD"
    if ADJECTIVE.fullmatch(word):
        return "JJ"
    if label == "gpe":
        return "NNS" if word.endswith("s") and not word.endswith("ss") else "JJ"
    if label and word[0].isupper():
        return "NNP"
    if word not in lexicon and word.lower() not in lexicon:
        if word[0].islower() and not label:
            raise ValueError(f"templates/pos.txt must list every lower-case word. Missing: {word!r}")
        return "NNP"
    pos = lexicon.get(word) or lexicon[word.lower()]
    return "VBN" if pos == "VBD" and follows_auxiliary(before) else pos


def follows_auxiliary(before: Sentence) -> bool:
    """Whether the last word that is no adverb is a form of `be` or `have`."""
    words = [token.word for token in before if token.pos != "RB"]
    return bool(words) and words[-1] in AUXILIARIES


def with_repeats(sentences: list[Sentence], rng: Random) -> list[Sentence]:
    """Insert copies of some sentences at random places, the first few of them tagged by another hand."""
    repeats = rng.sample(sentences, REPEATED_SENTENCES)
    longer = list(sentences)
    for number, sentence in enumerate(repeats):
        copy = retagged(sentence) if number < RETAGGED_REPEATS else sentence
        longer.insert(rng.randrange(len(longer)), copy)
    return longer


def retagged(sentence: Sentence) -> Sentence:
    """Every label that another annotator might have taken for another, so taken."""
    changed = []
    for token in sentence:
        prefix, _, label = token.tag.partition("-")
        changed.append(replace(token, tag=f"{prefix}-{MISTAKEN_LABELS.get(label, label)}" if label else "O"))
    return changed


def with_non_breaking_space(sentences: list[Sentence]) -> list[Sentence]:
    """The first `1,200` is written with a non-breaking space instead."""
    for number, sentence in enumerate(sentences):
        for place, token in enumerate(sentence):
            if token.word == "1,200":
                spaced = [*sentence[:place], replace(token, word="1\u00a0200"), *sentence[place + 1 :]]
                return [*sentences[:number], spaced, *sentences[number + 1 :]]
    raise ValueError("the news must hold the word `1,200` once at least. Received none; try another seed")


def cut_off_end(sentences: list[Sentence]) -> list[Sentence]:
    """The last sentence loses its second half."""
    return [*sentences[:-1], sentences[-1][: len(sentences[-1]) // 2]]


def write_news(sentences: list[Sentence], path: Path) -> None:
    """Write the CSV file: cp1252, CRLF, the sentence's number on its first row alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Sentence #", "Word", "POS", "Tag"])
        for number, sentence in enumerate(sentences, start=1):
            for place, token in enumerate(sentence):
                writer.writerow(["" if place else f"Sentence: {number}", token.word, token.pos, token.tag])
