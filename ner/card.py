"""What is known of a tagger -> its model card, a page of Markdown (Mitchell et al. 2019)."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ner.exported import Settings

_LANGUAGES = {"en": "English", "ar": "Arabic"}


def model_card(
    settings: Settings, scores: Mapping[str, Any], census: Mapping[str, Any], sizes: Mapping[str, int]
) -> str:
    """The card.

    Args:
        settings: of the tagger.
        scores: `metrics/<run>.json`.
        census: `metrics/corpora/<corpus>.json`.
        sizes: bytes of each file of the tagger.
    """
    train, test = census["splits"]["train"], census["splits"]["test"]
    labels = sorted({key.removeprefix("labels.").rpartition(".")[0] for key in scores if key.startswith("labels.")})
    rows = [
        f"| {label} | {_percent(scores[f'labels.{label}.precision'])} | {_percent(scores[f'labels.{label}.recall'])} "
        f"| {_percent(scores[f'labels.{label}.f1'])} | {scores[f'labels.{label}.support']} |"
        for label in labels
    ]
    by_label = (
        ("", "| label | precision | recall | F1 | entities |", "|---|---:|---:|---:|---:|", *rows) if rows else ()
    )
    language = _LANGUAGES.get(settings.language, settings.language)
    low, high = _percent(scores["entity_f1_low"]), _percent(scores["entity_f1_high"])
    paragraphs = (
        f"Trained on {train['sentences']:,} sentences ({train['tokens']:,} tokens, {train['entities']:,} entities) of "
        f"{settings.corpus}. The corpus belongs to others and is no part of this tagger, which carries its words, and "
        f"what it keeps of word vectors and clusters: {sum(sizes.values()) / 1e6:.1f} MB in all.",
        f"On the test set of {settings.corpus} ({test['sentences']:,} sentences), which nothing was chosen by: entity "
        f"F1 {_percent(scores['entity_f1'])}, with a 95% bootstrap interval from {low} to {high}. An entity counts if "
        f"its bounds and its label are right. F1 is {_percent(scores['seen_f1'])} of entities that train has, and "
        f"{_percent(scores['unseen_f1'])} of others. The confidence differs from the share of correct entities by "
        f"{_percent(scores['calibration_error'])} points on average.",
        "Meant for text of the same kind and time as its corpus. On other text it finds less and errs more, and a "
        "confidence says less there. Names that are rare in the corpus are found worse than others: who decides about "
        f"people by what it finds should have someone look. It takes whatever it is given for {language}.",
    )
    data, scored, use = (textwrap.fill(paragraph, 100) for paragraph in paragraphs)
    return f"""# {settings.name}

Finds {_listed(labels) or "entities"} in {language} text like that of the corpus {settings.corpus}.

    from ner.tagger import Tagger

    tagger = Tagger.load("taggers/{settings.name}")
    for sentence in tagger.tag_text("..."):
        print(sentence.entities)

## Data

{data}

## Scores

{chr(10).join((scored, *by_label))}

## Use

{use}

## Files

| file | bytes |
|---|---:|
{chr(10).join(f"| {name} | {size:,} |" for name, size in sorted(sizes.items()))}
"""


def file_sizes(directory: Path) -> dict[str, int]:
    """Bytes of each file below `directory`, by its relative path."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): path.stat().st_size for path in files}


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}"


def _listed(labels: list[str]) -> str:
    return ", ".join(labels[:-1]) + f" and {labels[-1]}" if len(labels) > 1 else "".join(labels)
