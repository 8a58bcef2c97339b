"""Tagged text -> coloured text for a terminal, or an HTML page drawn by displaCy."""

from collections.abc import Iterable, Sequence
from typing import Any

import click

from ner.tagger.tagger import Entity

TERMINAL = ("bright_blue", "bright_red", "bright_green", "bright_yellow", "bright_magenta", "bright_cyan")
# The colours of Okabe and Ito, which colour-blind readers can tell apart, lightened so that black text stands out.
PAGE = ("#9ed0f0", "#f7c877", "#86d8b6", "#f5ee8e", "#e9b3d2", "#f2a987", "#c3c9f5", "#d0d0d0")


def coloured(text: str, entities: Sequence[Entity], labels: Sequence[str]) -> str:
    """Format `text` for a terminal: entities are coloured by label and followed by label and confidence.

    Args:
        text: the text that the entities' offsets refer to.
        entities: in the order of the text.
        labels: all labels of the tagger; a label's place decides its colour.
    """
    pieces, position = [], 0
    for entity in entities:
        colour = TERMINAL[labels.index(entity.label) % len(TERMINAL)]
        name = click.style(entity.text, fg=colour, bold=True)
        pieces += [text[position : entity.start], f"[{name} {entity.label} {entity.confidence:.0%}]"]
        position = entity.end
    return "".join([*pieces, text[position:]])


def displacy_page(texts: Iterable[tuple[str, Sequence[Entity]]], labels: Sequence[str], language: str) -> str:
    """Build an HTML page of all texts, each entity marked with its label and confidence.

    Args:
        texts: each with its entities.
        labels: all labels of the tagger; a label's place decides its colour.
        language: ISO 639-1; Arabic is set from right to left.

    Raises:
        ImportError: spaCy, which contains displaCy, is not installed.
    """
    from spacy import displacy

    colours: dict[str, str] = {}
    documents: list[dict[str, Any]] = []
    for text, entities in texts:
        marked = []
        for entity in entities:
            label = f"{entity.label} {entity.confidence:.0%}"
            colours[label.upper()] = PAGE[labels.index(entity.label) % len(PAGE)]
            marked.append({"start": entity.start, "end": entity.end, "label": label})
        direction = "rtl" if language == "ar" else "ltr"
        settings = {"lang": language, "direction": direction}
        documents.append({"text": text, "ents": marked, "title": None, "settings": settings})
    page: str = displacy.render(
        documents, style="ent", manual=True, page=True, jupyter=False, options={"colors": colours}
    )
    return page.replace("<head>", '<head>\n        <meta charset="utf-8">', 1)
