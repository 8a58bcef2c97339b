"""Templates -> invented Arabic news in ANERCorp's format: a token and its tag a line."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from grammar import Grammar, has_repeated_mention, pieces, read_sections, tidy

TRAIN_SENTENCES = 1000
TEST_SENTENCES = 250
LONG_SENTENCE_TOKENS = 210
LONE_INSIDE_TAGS = 6

CLITIC_BEFORE_MARK = re.compile(r"(?<!\S)([وبل])\[(\w+) ")
LAM_BEFORE_ARTICLE = re.compile(r"(?<!\w)لال")


@dataclass(frozen=True)
class Token:
    """One line of the file."""

    word: str
    tag: str


Sentence = list[Token]


def make_arabic(templates: Path, rng: Random) -> tuple[list[Sentence], list[Sentence]]:
    """Train and test sentences, none in both; a few tags in train begin with a lone `I-`."""
    sections = read_sections(templates / "arabic_names.txt") | read_sections(templates / "arabic.txt")
    grammar = Grammar(sections, rng)
    texts: dict[str, None] = {make_long_text(grammar): None}
    while len(texts) < TRAIN_SENTENCES + TEST_SENTENCES:
        text = join_clitics(tidy(grammar.expand("sentence")))
        if not has_repeated_mention(text):
            texts[text] = None
    sentences = [tag_sentence(text) for text in texts]
    train, test = sentences[1:TRAIN_SENTENCES], sentences[TRAIN_SENTENCES:]
    train.insert(rng.randrange(TRAIN_SENTENCES), sentences[0])
    return with_lone_inside_tags(train, rng), test


def make_long_text(grammar: Grammar) -> str:
    """A sentence that lists delegates until it is far longer than any model's usual window."""
    text = join_clitics(tidy(grammar.expand("long_opening")))
    while len(tag_sentence(text)) < LONG_SENTENCE_TOKENS:
        longer = f"{text} {join_clitics(tidy(grammar.expand('long_delegate')))}"
        text = text if has_repeated_mention(longer) else longer
    return f"{text} ."


def join_clitics(text: str) -> str:
    """Conjunction and prepositions are written as part of the name; after `l` the article loses its alif.

    >>> join_clitics("ل[LOC العراق] و[LOC لبنان]")
    '[LOC للعراق] [LOC ولبنان]'
    """
    return LAM_BEFORE_ARTICLE.sub("لل", CLITIC_BEFORE_MARK.sub(r"[\2 \1", text))


def tag_sentence(text: str) -> Sentence:
    """Split marked text at spaces."""
    tokens: Sentence = []
    for piece in pieces(text):
        prefix = "B"
        for word in piece.text.split():
            tokens.append(Token(word, f"{prefix}-{piece.label}" if piece.label else "O"))
            prefix = "I"
    return tokens


def with_lone_inside_tags(sentences: list[Sentence], rng: Random) -> list[Sentence]:
    """In a few sentences the first entity begins with `I-` instead of `B-`."""
    marred = list(sentences)
    with_entity = [place for place, sentence in enumerate(sentences) if any(t.tag != "O" for t in sentence)]
    for place in rng.sample(with_entity, LONE_INSIDE_TAGS):
        sentence = list(marred[place])
        first = next(number for number, token in enumerate(sentence) if token.tag != "O")
        sentence[first] = replace(sentence[first], tag="I" + sentence[first].tag[1:])
        marred[place] = sentence
    return marred


def write_arabic(sentences: list[Sentence], path: Path) -> None:
    """Write one file: a blank line between sentences, none after the last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = ("".join(f"{token.word} {token.tag}\n" for token in sentence) for sentence in sentences)
    path.write_text("\n".join(blocks), encoding="utf-8", newline="\n")
