"""The parameters of a run, its sentences and embeddings -> a tagger, trained from scratch or from a base tagger."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import keras

from ner.core.sentence import Sentence
from ner.features.encoding import encode
from ner.model.architectures import build_network
from ner.model.checkpoint import Checkpoint, make_encoder
from ner.model.parameters import RunParams
from ner.model.pretrained import Embedding, assign_encoder, trim_encoders
from ner.training.fit import DevSet, Examples, fit
from ner.training.resume import Epoch
from ner.training.transfer import carry_over, check_base, extend, with_encoder_rate


def train_run(
    run: RunParams,
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    *,
    embeddings: Iterable[Embedding] = (),
    base: Checkpoint | None = None,
    resume: Path | None = None,
    watchers: Sequence[keras.callbacks.Callback] = (),
    progress: bool = False,
) -> tuple[Checkpoint, list[Epoch]]:
    """Train a tagger, and return it with its learning curve. Call `make_reproducible` before.

    Args:
        run: the parameters of network and training.
        train: the training sentences. Vocabularies are built from all sentences that are trained on.
        dev: the development set. It chooses the epoch, or is trained on as well, as `run.training.dev` says.
        embeddings: the word vectors and clusters that the run names.
        base: the tagger to start from, if the run names one. It is not changed.
        resume: as in `fit`.
        watchers: as in `fit`.
        progress: as in `fit`.

    Raises:
        TransferError: the base does not match the run.
        TrainingError: the loss became NaN or infinite.
    """
    if run.training.dev == "train":
        train = [*train, *dev]
    embeddings = trim_encoders(embeddings, train)
    encoder = make_encoder(train, run.model, embeddings)
    if base:
        check_base(run.model, base.params, run.base)
        encoder = extend(encoder, base.encoder)
    tags = tuple(sorted({tag for sentence in train for tag in sentence.tags}))
    keras.config.set_dtype_policy(run.compute.precision)
    network = build_network(run.model, encoder, tags)
    assign_encoder(network, embeddings)
    if base:
        carry_over(base, network, tags)
    epochs = fit(
        network,
        Examples.of(train, encoder, tags),
        DevSet(encode(dev, encoder), [sentence.tags for sentence in dev], tags),
        run.training,
        transfer=with_encoder_rate(run),
        progress=progress,
        resume=resume,
        watchers=watchers,
    )
    return Checkpoint(network, encoder, tags, run.model), epochs
