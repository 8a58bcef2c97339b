"""Template files -> random text with marked entities.

A template file is a list of sections. `== name` opens one, and each line under it is one way to say it:

    == sentence
    [per {person}] arrived in [geo {town}] {when?} .

    == person zipf 400
    {first} {surname}

`{slot}` is replaced by a line drawn from that section, `{slot?}` by one or, more often, by nothing.
`[label ...]` marks an entity. `zipf` after the section's name makes early lines frequent and late ones rare;
a number after it first makes a pool of that many different fillings, which then take the place of the lines.
"""

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

OPTIONAL_SLOT_SHARE = 0.4
ZIPF_OFFSET = 4  # Zipf-Mandelbrot: weight 1 / (rank + offset), so that the first name is frequent but not everywhere

SLOT = re.compile(r"\{(\w+)(\?)?\}")
MARKED_OR_PLAIN = re.compile(r"\[(\w+) ([^\[\]]*)\]|([^\[\]]+)")
MANY_SPACES = re.compile(" +")
FIRST_LETTER = re.compile(r"^(\[\w+ )?([a-z])")
A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=(?:\[\w+ )?[AEIOaeio])")


@dataclass(frozen=True)
class Section:
    """The ways to fill one slot; `weights` are cumulative."""

    lines: tuple[str, ...]
    weights: tuple[float, ...]
    pool_size: int = 0


@dataclass(frozen=True)
class Piece:
    """A stretch of text, with the label of the entity it is, or None outside entities."""

    text: str
    label: str | None


def make_section(lines: Iterable[str], *, zipf: bool, pool_size: int = 0) -> Section:
    """A section whose lines are equally likely, or fall off with their rank."""
    kept = tuple(lines)
    weights = (1 / (rank + ZIPF_OFFSET) if zipf else 1.0 for rank in range(len(kept)))
    return Section(kept, tuple(accumulate(weights)), pool_size)


def read_sections(path: Path) -> dict[str, Section]:
    """The sections of one template file; blank lines and lines starting with `# ` say nothing."""
    lines: dict[str, list[str]] = {}
    headers: dict[str, list[str]] = {}
    name = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("== "):
            name, *header = line[3:].split()
            if name in lines:
                raise ValueError(f"{path}:{number}: section names must differ. Received {name!r} again")
            lines[name], headers[name] = [], header
        elif line and not line.startswith("# "):
            lines[name].append(line)
    return {
        name: make_section(lines[name], zipf="zipf" in header, pool_size=int(header[1]) if header[1:] else 0)
        for name, header in headers.items()
    }


class Grammar:
    """Sections and a random source; `expand` says one of them."""

    def __init__(self, sections: Mapping[str, Section], rng: random.Random) -> None:
        self.sections = dict(sections)
        self.rng = rng

    def lines(self, name: str) -> tuple[str, ...]:
        """The section's lines, or its pool."""
        if self.sections[name].pool_size:
            self.sections[name] = self._pooled(self.sections[name])
        return self.sections[name].lines

    def draw(self, name: str) -> str:
        """One of these lines, its slots still open."""
        lines = self.lines(name)
        return self.rng.choices(lines, cum_weights=self.sections[name].weights)[0]

    def expand(self, name: str) -> str:
        """Draw a line of the section and fill its slots."""
        return self.fill(self.draw(name))

    def fill(self, line: str) -> str:
        """Replace the slots of `line`."""
        return SLOT.sub(lambda slot: self._fill_slot(slot[1], optional=bool(slot[2])), line)

    def with_lines(self, lines: Mapping[str, Iterable[str]]) -> "Grammar":
        """The same grammar and random source, with some sections replaced."""
        replaced = {name: make_section(kept, zipf=True) for name, kept in lines.items()}
        return Grammar({**self.sections, **replaced}, self.rng)

    def _fill_slot(self, name: str, *, optional: bool) -> str:
        if optional and self.rng.random() >= OPTIONAL_SLOT_SHARE:
            return ""
        return self.expand(name)

    def _pooled(self, section: Section) -> Section:
        """`pool_size` different fillings of the section's lines, in the order they were drawn."""
        pool: dict[str, None] = {}
        while len(pool) < section.pool_size:
            pool[self.fill(self.rng.choices(section.lines, cum_weights=section.weights)[0])] = None
        return make_section(pool, zipf=True)


def pieces(text: str) -> list[Piece]:
    """Split expanded text at its entity marks.

    >>> pieces("[per May] left")
    [Piece(text='May', label='per'), Piece(text=' left', label=None)]
    """
    return [Piece(found[2] or found[3], found[1]) for found in MARKED_OR_PLAIN.finditer(text)]


def correct_article(text: str) -> str:
    """English `a` before a vowel letter becomes `an`.

    >>> correct_article("a [gpe Iraqi] envoy")
    'an [gpe Iraqi] envoy'
    """
    return A_BEFORE_VOWEL.sub(r"\1n ", text)


def capitalised(text: str) -> str:
    """The first letter in upper case, inside an opening mark too.

    >>> capitalised("[Chemical aspirin] helps")
    '[Chemical Aspirin] helps'
    """
    return FIRST_LETTER.sub(lambda found: (found[1] or "") + found[2].upper(), text)


def tidy(text: str) -> str:
    """Single spaces, a capital first, the right article."""
    return capitalised(correct_article(MANY_SPACES.sub(" ", text).strip()))


def has_repeated_mention(text: str) -> bool:
    """Whether two entities of the text read the same, as in `Cuba and Cuba`."""
    mentions = [piece.text.lower() for piece in pieces(text) if piece.label]
    return len(set(mentions)) < len(mentions)
