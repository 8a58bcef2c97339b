"""A trained base tagger -> the initial weights of a tagger of another corpus, and learning rates by part.

All weights are carried over, but the output layers (logits, CRF) only for the tags that both taggers have.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from ner.core.errors import NerError
from ner.features.encoding import Encoder
from ner.features.vocabulary import Vocabulary
from ner.model.architectures import ENCODER, build_network
from ner.model.checkpoint import Checkpoint
from ner.model.parameters import ModelParams, RunParams, TransferParams, VectorParams
from ner.training.optimizer import Adam

# The part of the network, as named in params.yaml, of each layer. Other layers (logits, CRF) are the part "output".
PART_OF_LAYER = {
    "word_vectors": "words",
    "casing_vectors": "casings",
    "character_vectors": "characters",
    "char_encoder": "characters",
    "pretrained_vectors": "vectors",
    "cluster_vectors": "clusters",
    "encoder": "encoder",
    "piece_casing_vectors": "casings",
    "lstm": "lstm",
    "bilstm_1": "lstm",
    "bilstm_2": "lstm",
    "bilstm_3": "lstm",
    "bilstm_4": "lstm",
}


class TransferError(NerError):
    """The run can't start from this base."""


def check_base(params: ModelParams, base: ModelParams, name: str) -> None:
    """Check that a run and its base `name` have the same network.

    Dropout, `min_count`, and how embeddings are trimmed and tuned may differ.

    Raises:
        TransferError: another parameter differs.
    """
    kept = VectorParams(words=0, tuned=False)
    free = {"input_dropout": 0.0, "output_dropout": 0.0, "vectors": kept, "clusters": None, "min_count": 1}
    one, other = params.replace(**free), base.replace(**free)
    for field in type(one).model_fields:
        if getattr(one, field) != getattr(other, field):
            raise TransferError(
                f"model.{field}: expected that of the base {name}, {getattr(other, field)}. "
                f"Received: {getattr(one, field)}"
            )


def extend(encoder: Encoder, base: Encoder) -> Encoder:
    """Return `encoder` with the words and characters of `base` put first, so that they keep their ids.

    Raises:
        TransferError: only one of the two reads clusters, word vectors or a pretrained encoder, or clusters differ.
    """
    for part in ("vectors", "clusters", "reader"):
        if (getattr(encoder, part) is None) != (getattr(base, part) is None):
            kind = part.replace("reader", "a pretrained encoder")
            raise TransferError(f"embeddings: expected {kind} in the run and its base, or in neither")
    if encoder.clusters and base.clusters and not encoder.clusters.alike(base.clusters):
        raise TransferError("embeddings: expected the clusters of the base")
    return replace(
        encoder,
        words=_extend(encoder.words, base.words),
        characters=_extend(encoder.characters, base.characters),
    )


def with_encoder_rate(run: RunParams) -> TransferParams | None:
    """Return the run's `transfer`, with the learning rate of a pretrained encoder added to its `rates`."""
    if run.model.encoder is None:
        return run.transfer
    rates = {ENCODER: run.model.encoder.rate}
    if run.transfer is None:
        return TransferParams(frozen=(), frozen_epochs=0, rates=rates)
    return run.transfer.replace(rates=rates | run.transfer.rates)


def carry_over(base: Checkpoint, network: keras.Model, tags: Sequence[str]) -> None:
    """Copy the weights of `base` into `network`.

    Embeddings of words and characters that the base lacks, and outputs of tags that it lacks, keep their initial
    values. Pretrained vectors, of words or word pieces, are not copied: the network has its own from the embedding.

    Args:
        base: the trained tagger. It is not changed.
        network: built with an encoder that `extend` returned.
        tags: the tag set of `network`, by id.

    Raises:
        TransferError: a layer has another shape than that of the base, or the pretrained encoder is another one.
    """
    shared = [(tags.index(tag), number) for number, tag in enumerate(base.tags) if tag in tags]
    mine, theirs = np.array(shared, np.int64).reshape(-1, 2).T  # reshape: two rows even if no tag is shared
    for layer in network.layers:
        if not layer.weights or layer.name == "pretrained_vectors":  # set already, from the embedding
            continue
        old, new = base.network.get_layer(layer.name).get_weights(), layer.get_weights()
        if layer.name == ENCODER:
            layer.set_weights(_carry_encoder([weight.name for weight in layer.weights], new, old))
        elif layer.name in ("logits", "crf"):
            layer.set_weights([_carry_tags(*pair, mine, theirs, layer.name) for pair in zip(new, old, strict=True)])
        else:
            layer.set_weights([_carry_rows(*pair, layer.name) for pair in zip(new, old, strict=True)])


def with_output_of(base: Checkpoint, tuned: Checkpoint) -> Checkpoint:
    """Return the fine-tuned tagger with the output layers of its base, to measure what it forgot of the old task."""
    network = build_network(base.params, tuned.encoder, base.tags)
    for layer in network.layers:
        if layer.weights and layer.name != "pretrained_vectors":  # set already, from the encoder
            owner = base if layer.name in ("logits", "crf") else tuned
            layer.set_weights(owner.network.get_layer(layer.name).get_weights())
    return Checkpoint(network, tuned.encoder, base.tags, base.params)


class PartwiseAdam(Adam):
    """Adam with a learning rate for each part of the network, some of which are frozen in the first epochs."""

    def __init__(self, learning_rate: Any, transfer: TransferParams, steps: int, **options: Any) -> None:
        """Create the optimizer; an epoch has `steps` steps."""
        super().__init__(learning_rate, **options)
        self._rates: Mapping[str, float] = transfer.rates
        self._frozen: Iterable[str] = transfer.frozen
        self._frozen_steps = transfer.frozen_epochs * steps

    def build(self, variables: Sequence[Any]) -> None:
        layers = [variable.path.split("/")[0] for variable in variables]
        self._parts = [PART_OF_LAYER.get(layer, "output") for layer in layers]
        super().build(variables)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        part = self._parts[self._get_variable_index(variable)]
        rate = learning_rate * self._rates.get(part, 1.0)
        if part in self._frozen:
            rate = keras.ops.where(self.iterations < self._frozen_steps, 0.0, rate)
        super().update_step(gradient, variable, rate)


def _extend(mine: Vocabulary | None, base: Vocabulary | None) -> Vocabulary | None:
    if mine is None or base is None:
        return mine
    known = set(base.items)
    return Vocabulary((*base.items, *(item for item in mine.items if item not in known)), base.normalisation)


def _carry_rows(new: NDArray[Any], old: NDArray[Any], layer: str) -> NDArray[Any]:
    """Overwrite the first rows of `new` by `old`. Only tables of words and characters may differ in their rows."""
    if new.shape[1:] != old.shape[1:] or (
        new.shape[0] != old.shape[0] and layer not in ("word_vectors", "character_vectors")
    ):
        raise TransferError(
            f"{layer}: expected weights of the base's shape {old.shape}. Received: {new.shape}; "
            "a run reads embeddings of the same dimensions as its base does"
        )
    carried = new.copy()
    carried[: len(old)] = old[: len(new)]
    return carried


def _carry_encoder(
    names: Sequence[str], new: Sequence[NDArray[Any]], old: Sequence[NDArray[Any]]
) -> list[NDArray[Any]]:
    """Return the base's weights, `old`, with the new table of word pieces, which has the pieces of another corpus."""
    table = names.index("words")
    # The first piece is a special one that every trimmed table keeps, and no table is tuned.
    if [w.shape[1:] for w in new] != [w.shape[1:] for w in old] or (new[table][0] != old[table][0]).any():
        raise TransferError("embeddings: expected the pretrained encoder of the base. Received: another one")
    return [new[table] if name == "words" else weight for name, weight in zip(names, old, strict=True)]


def _carry_tags(
    new: NDArray[Any], old: NDArray[Any], mine: NDArray[np.int64], theirs: NDArray[np.int64], layer: str
) -> NDArray[Any]:
    """Copy the weights of shared tags: kernel `(D, K)`, bias, start and end `(K,)`, or transitions `(K, K)`.

    `mine` and `theirs` are the ids of the shared tags in the new network and in the base.
    """
    carried = new.copy()
    if layer == "crf" and new.ndim == 2:
        carried[np.ix_(mine, mine)] = old[np.ix_(theirs, theirs)]
    else:
        carried[..., mine] = old[..., theirs]
    return carried
