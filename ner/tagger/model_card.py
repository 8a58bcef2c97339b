"""Settings, scores and training data of a tagger -> its model card in Markdown (Mitchell et al. 2019)."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ner.core.training_data import TrainingData
from ner.tagger.files import Settings

_LANGUAGES = {"en": "English", "ar": "Arabic"}
_EMBEDDINGS = {"vectors/": "word vectors", "clusters/": "word clusters"}  # by folder of an exported tagger


def model_card(
    place: str,
    settings: Settings,
    scores: Mapping[str, Any],
    corpus_statistics: Mapping[str, Any],
    training: TrainingData,
    sizes: Mapping[str, int],
) -> str:
    """Write the model card.

    Args:
        place: the directory of the tagger, relative to the project's root.
        settings: the settings of the tagger.
        scores: the content of `metrics/<run>.json`.
        corpus_statistics: the content of `metrics/corpora/<corpus>.json`.
        training: the splits that it was trained on, and their sizes.
        sizes: the size in bytes of each file of the tagger, by relative path.
    """
    labels = sorted({key.removeprefix("labels.").rpartition(".")[0] for key in scores if key.startswith("labels.")})
    language = _LANGUAGES.get(settings.language, settings.language)
    return f"""# {settings.name}

Finds {_listed(labels) or "entities"} in {language} text like that of the corpus {settings.corpus}.

    from ner.tagger.tagger import Tagger

    tagger = Tagger.load("{place}")
    for sentence in tagger.tag_text("..."):
        print(sentence.entities)

## Data

{_filled(_data(settings, training, sizes))}

## Scores

{_filled(_overall(settings, scores, corpus_statistics["splits"]["test"]["sentences"], training))}
{_by_label(scores, labels)}
## Use

{_filled(_use(language))}

## Files

| file | bytes |
|---|---:|
{chr(10).join(f"| {name} | {size:,} |" for name, size in sorted(sizes.items()))}
"""


def smaller_note(
    settings: Settings, difference: float, training: TrainingData, sizes: Mapping[str, int], before: Mapping[str, int]
) -> str:
    """Write the section that a released, smaller tagger adds to the card of the full one, whose scores it repeats.

    Args:
        settings: the settings of the smaller tagger.
        difference: entity F1 on dev of the smaller tagger minus that of the full one, as a fraction.
        training: the splits that the tagger was trained on.
        sizes: the size in bytes of each file of the smaller tagger.
        before: the size in bytes of each file of the full tagger.
    """
    cut = [
        what
        for folder, what in _EMBEDDINGS.items()
        if sizes.get(f"{folder}words.txt") != before.get(f"{folder}words.txt")
    ]
    fewer = f"fewer words of its {_listed(cut)}, and " if cut else ""
    weights = "weights of eight and four bits" if settings.weights == "int8" else "the same weights"
    dev = "dev, which it was trained on," if "dev" in training.splits else "dev"
    changed = (
        f"This is a smaller form of `taggers/{settings.name}`, whose scores stand above: it has {fewer}{weights}. "
        f"On {dev} entity F1 changed by {100 * difference:+.2f} points; on the test set this form was not scored."
    )
    return f"""
## Smaller

{_filled(changed)}
"""


def file_sizes(directory: Path) -> dict[str, int]:
    """Return the size in bytes of each file below `directory`, by relative path."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): path.stat().st_size for path in files}


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}"


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels[:-1]) + f" and {labels[-1]}" if len(labels) > 1 else "".join(labels)


def _data(settings: Settings, training: TrainingData, sizes: Mapping[str, int]) -> str:
    parts = {"characters.txt": "characters", "words.txt": "words", **_EMBEDDINGS}
    carried = [what for start, what in parts.items() if any(name.startswith(start) for name in sizes)]
    before = "" if training.base == "none" else f" It started from the network `{training.base}`."
    return (
        f"Trained on {' and '.join(training.splits)} of {settings.corpus}: {training.sentences:,} sentences "
        f"({training.tokens:,} tokens, {training.entities:,} entities).{before} The corpus is no part of this "
        f"tagger, which carries {_listed(carried)}: {sum(sizes.values()) / 1e6:.1f} MB in all."
    )


def _overall(settings: Settings, scores: Mapping[str, Any], sentences: int, training: TrainingData) -> str:
    known = f"{' and '.join(training.splits)} {'have' if len(training.splits) > 1 else 'has'}"
    low, high = _percent(scores["entity_f1_low"]), _percent(scores["entity_f1_high"])
    return (
        f"On the test set of {settings.corpus} ({sentences:,} sentences), which nothing was chosen by: entity "
        f"F1 {_percent(scores['entity_f1'])}, with a 95% bootstrap interval from {low} to {high}. An entity counts if "
        f"its bounds and its label are right. F1 is {_percent(scores['seen_f1'])} of entities that {known}, and "
        f"{_percent(scores['unseen_f1'])} of others. The confidence differs from the share of correct entities by "
        f"{_percent(scores['calibration_error'])} points on average."
    )


def _by_label(scores: Mapping[str, Any], labels: Sequence[str]) -> str:
    rows = [
        f"| {label} | {_percent(scores[f'labels.{label}.precision'])} | {_percent(scores[f'labels.{label}.recall'])} "
        f"| {_percent(scores[f'labels.{label}.f1'])} | {scores[f'labels.{label}.support']} |\n"
        for label in labels
    ]
    head = "\n| label | precision | recall | F1 | entities |\n|---|---:|---:|---:|---:|\n"
    return head + "".join(rows) if rows else ""


def _use(language: str) -> str:
    return (
        "Meant for text of the same kind and time as its corpus. On other text it finds less and errs more, and a "
        "confidence says less there. Names that are rare in the corpus are found worse than others: who decides about "
        f"people by what it finds should have a person check it. It takes whatever it is given for {language}."
    )


def _filled(paragraph: str) -> str:
    return textwrap.fill(paragraph, 100)
