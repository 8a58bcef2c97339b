"""Train two language models on unlabelled text: data/raw/embeddings/<text>/ -> models/<name>/, the base of runs.

One reads the word vectors of a sentence forwards and predicts the next word, the other reads backwards. A tagger that
starts from them reads their states beside its other features of each token. A sentence is left out if it shares ten
words in a row with a dev or test sentence of the run's corpus, or is itself one. Some sentences are held out:
metrics/language_models/<name>.json has the perplexity on these.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ner.core.outputs import whole_directory, whole_file, write_json
from ner.core.params import build, lookup, read_params
from ner.core.sentence_files import read_sentences
from ner.distillation.language_model_parameters import LanguageModelError, LanguageModelParams
from ner.distillation.sentence_lengths import of_length
from ner.embeddings.catalogue import TrainedParams
from ner.embeddings.cleaning import COUNTS
from ner.embeddings.making import clean_sentences
from ner.features.embedding_files import Vectors, read_embeddings
from ner.model.parameters import RunParams
from ner.pipeline.stage import quiet_import, run_stage
from ner.text.segmentation import split_text

with quiet_import():
    from ner.distillation.language_models import classes_of, fit_language_models, read_text
    from ner.model.architectures import build_network
    from ner.model.checkpoint import Checkpoint, make_encoder, save_checkpoint
    from ner.model.determinism import make_reproducible


def main(name: str) -> None:
    params = read_params()
    given = build(LanguageModelParams, lookup(params, "language_models", name), f"language_models.{name}")
    run = build(RunParams, lookup(params, "runs", given.run), f"runs.{given.run}")
    make_reproducible(given.training.seed)
    counts = Counter(dict.fromkeys((*COUNTS, "under_shortest", "over_longest", "read"), 0))
    embeddings = list(read_embeddings(Path("data/embeddings"), given.embeddings))
    vectors = next(one for one in embeddings if isinstance(one, Vectors))
    train = read_sentences(Path("data/sentences") / run.corpus / "train.conll")
    encoder = make_encoder(train, run.model, embeddings)
    tags = tuple(sorted({tag for sentence in train for tag in sentence.tags}))
    network = build_network(run.model, encoder, tags)
    sentences = list(_sentences(given, counts))
    if len(sentences) < 2:
        received = ", ".join(f"{number} {what}" for what, number in counts.items())
        raise LanguageModelError(f"language_models.{name}: expected two sentences or more. Received: {received}")
    classes = classes_of(vectors, given.training)
    held_out = sentences[:: given.validation_every]
    del sentences[:: given.validation_every]
    training, validation = (read_text(part, encoder, vectors, classes) for part in (sentences, held_out))
    perplexity = fit_language_models(network, training, validation, given.training, progress=sys.stderr.isatty())

    with whole_directory(Path("models") / name) as directory:
        save_checkpoint(directory, Checkpoint(network, encoder, tags, run.model))
    with whole_file(Path("metrics/language_models") / f"{name}.json") as path:
        measured = {f"perplexity_{word}": round(value, 2) for word, value in perplexity.items()}
        measured |= {"sentences": len(held_out), "tokens": sum(map(len, held_out))}
        write_json(path, {"text": dict(counts), "classes": training.number, "validation": measured})


def _sentences(given: LanguageModelParams, counts: Counter[str]) -> Iterator[Sequence[str]]:
    params = read_params()
    text = build(TrainedParams, lookup(params, "embeddings", given.text), f"embeddings.{given.text}")
    corpus = lookup(params, "corpora", given.corpus)
    files = (Path("data/sentences") / given.corpus / f"{split}.conll" for split in ("dev", "test"))
    held_out = (sentence for file in files for sentence in read_sentences(file))
    split = partial(split_text, language=corpus["language"], rule=corpus["tokens"])
    cleaned = clean_sentences(text, Path("data/raw/embeddings") / given.text, split, held_out, counts)
    for tokens in of_length(cleaned, given.shortest, given.longest, counts):
        counts["read"] += 1
        yield tokens


if __name__ == "__main__":
    run_stage(main, __doc__, "language_models")
