"""Templates -> invented biomedical abstracts in PubTator format: text, mentions with offsets, relations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zlib import crc32

from grammar import Grammar, has_repeated_mention, pieces, read_sections, tidy

DOCUMENTS = 165
FIRST_PMID = 90000001
ABBREVIATED_SHARE = 0.5
WITHOUT_ID_SHARE = 40  # one name in so many is in no thesaurus
SENTENCES_BY_PART = {"background": (1, 2), "method": (1, 2), "result": (2, 4), "conclusion": (1, 1)}

SPACE_BEFORE_STOP = re.compile(r" (?=[.,;])")
COMPOSITE = re.compile(r"(\w+) and (\w+) (\w+)")
ADJECTIVES = {
    "hypertensive": "hypertension",
    "diabetic": "diabetes",
    "epileptic": "epilepsy",
    "schizophrenic": "schizophrenia",
}


@dataclass(frozen=True)
class Mention:
    """Characters [start, end) of title, one separator, abstract."""

    start: int
    end: int
    text: str
    label: str
    identifier: str


@dataclass(frozen=True)
class Document:
    """One abstract; `relations` are (chemical, disease) identifiers."""

    pmid: int
    title: str
    abstract: str
    mentions: tuple[Mention, ...]
    relations: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Topic:
    """What one abstract is about; `abbreviation` is empty where the main chemical has none."""

    chemicals: tuple[str, ...]
    diseases: tuple[str, ...]
    abbreviation: str

    def lines(self) -> dict[str, list[str]]:
        """The sections of the grammar that say it."""
        main = self.chemicals[0]
        introduced = f"[Chemical {main}] ([Chemical {self.abbreviation}])"
        return {
            "main_chemical": [main, self.abbreviation] if self.abbreviation else [main],
            "other_chemical": list(self.chemicals[1:]),
            "main_disease": [self.diseases[0]],
            "other_disease": list(self.diseases[1:]),
            "new_chemical": [introduced if self.abbreviation else f"[Chemical {main}]"],
        }


def make_abstracts(templates: Path, rng: Random) -> list[Document]:
    """Documents that each keep to a few chemicals and diseases."""
    sections = read_sections(templates / "abstracts_names.txt") | read_sections(templates / "abstracts.txt")
    grammar = without_proteins_that_are_chemicals(Grammar(sections, rng))
    return [make_document(FIRST_PMID + number, grammar, rng) for number in range(DOCUMENTS)]


def without_proteins_that_are_chemicals(grammar: Grammar) -> Grammar:
    """Proteins are not marked and chemicals are, so no name may be both."""
    chemicals = " ".join(grammar.lines("chemical"))
    return grammar.with_lines({"protein": [name for name in grammar.lines("protein") if name not in chemicals]})


def make_document(pmid: int, grammar: Grammar, rng: Random) -> Document:
    """One title and abstract about a topic of its own."""
    topic = draw_topic(grammar, rng)
    lines = topic.lines()
    in_full = grammar.with_lines({**lines, "main_chemical": topic.chemicals[:1]})
    afterwards = grammar.with_lines({**lines, "new_chemical": ["[Chemical {main_chemical}]"]})
    used: set[str] = set()
    title = draw_sentence(in_full, "title", used)
    opening = draw_sentence(in_full, "background", used)
    rest = [
        draw_sentence(afterwards, part, used)
        for part, (fewest, most) in SENTENCES_BY_PART.items()
        for _ in range(rng.randint(fewest, most))
    ]
    aliases = {**ADJECTIVES, topic.abbreviation: topic.chemicals[0]}
    return assemble(pmid, title, " ".join([opening, *rest]), aliases)


def draw_topic(grammar: Grammar, rng: Random) -> Topic:
    """Three chemicals, of which the first may have an abbreviation, and four diseases."""
    chemicals = draw_different(grammar, "chemical", 3)
    initials = re.sub(r"[aeiou\W\d_]", "", chemicals[0])[:3].upper()
    abbreviated = len(initials) == 3 and rng.random() < ABBREVIATED_SHARE
    return Topic(chemicals, draw_different(grammar, "disease", 4), initials if abbreviated else "")


def draw_different(grammar: Grammar, section: str, count: int) -> tuple[str, ...]:
    """`count` different fillings of the section."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        drawn[grammar.expand(section)] = None
    return tuple(drawn)


def draw_sentence(grammar: Grammar, part: str, used: set[str]) -> str:
    """A marked sentence from a template that is not among `used`, and is from now on."""
    while True:
        template = grammar.draw(part)
        text = SPACE_BEFORE_STOP.sub("", tidy(grammar.fill(template)))
        if template not in used and not has_repeated_mention(text):
            used.add(template)
            return text


def assemble(pmid: int, marked_title: str, marked_abstract: str, aliases: Mapping[str, str]) -> Document:
    """Take the marks out of the text and note where they were."""
    title = "".join(piece.text for piece in pieces(marked_title))
    abstract = "".join(piece.text for piece in pieces(marked_abstract))
    mentions: list[Mention] = []
    start = 0
    for piece in pieces(f"{marked_title} {marked_abstract}"):
        end = start + len(piece.text)
        if piece.label:
            mentions.append(Mention(start, end, piece.text, piece.label, identify(piece.text, piece.label, aliases)))
        start = end
    return Document(pmid, title, abstract, tuple(mentions), relations(mentions))


def identify(text: str, label: str, aliases: Mapping[str, str]) -> str:
    """A made-up thesaurus identifier, the same for every way to write a name; `-1` for names without one."""
    composite = COMPOSITE.fullmatch(text)
    if composite:
        first, second, head = composite.groups()
        return "|".join(identify(f"{site} {head}", label, aliases) for site in (first, second))
    name = aliases.get(text) or aliases.get(text.lower()) or text.lower()
    number = crc32(name.lower().encode())
    if number % WITHOUT_ID_SHARE == 0:
        return "-1"
    return f"{'C' if label == 'Chemical' else 'D'}{number % 1_000_000:06d}"


def relations(mentions: list[Mention]) -> tuple[tuple[str, str], ...]:
    """The first chemical of the document induces its first disease, where both have an identifier."""
    firsts = [
        next((mention.identifier for mention in mentions if mention.label == label), "-1")
        for label in ("Chemical", "Disease")
    ]
    return () if "-1" in firsts else tuple((firsts[0], disease) for disease in firsts[1].split("|"))


def write_abstracts(documents: list[Document], path: Path) -> None:
    """Write the PubTator file, a blank line after each document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for document in documents:
            file.write(f"{document.pmid}|t|{document.title}\n{document.pmid}|a|{document.abstract}\n")
            for mention in document.mentions:
                columns = (mention.start, mention.end, mention.text, mention.label, mention.identifier)
                file.write("\t".join(map(str, (document.pmid, *columns))) + "\n")
            for chemical, disease in document.relations:
                file.write(f"{document.pmid}\tCID\t{chemical}\t{disease}\n")
            file.write("\n")
