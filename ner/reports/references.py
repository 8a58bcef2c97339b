"""The references R0 to R4, five well-known notebooks: what they published, and which runs repeat their networks.

A reference that states no figure still says how it computes its score.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure, and the key of metrics/<run>.json that is computed the same way.

    `figure` is a fraction, or None if the notebook states none. `computed` says in words how it is computed.
    """

    reference: str
    corpus: str
    figure: float | None
    computed: str
    key: str


PUBLISHED = (
    Published("R0", "gmb", None, "F1 of tokens, weighted over tags, O counted", "token_f1_weighted_with_o"),
    Published("R1", "gmb", 0.98, "accuracy of tokens, O and padding counted", "token_accuracy_padded"),
    Published("R1", "bc5cdr", 0.5481, "F1 of tokens, O not counted", "token_f1_without_o"),
    Published("R1", "bc5cdr", 0.7074, "F1 of tokens, weighted over tags, O not counted", "token_f1_weighted_without_o"),
    Published("R2", "conll2003", None, "F1 of entities, seqeval's default", "conlleval_f1"),
    Published("R3", "gmb", None, "F1 of tokens, O not counted", "token_f1_without_o"),
    Published("R4", "anercorp", 0.9959, "F1 of tokens, O and padding counted", "token_accuracy_padded"),
)

REPETITIONS = {  # runs of params.yaml that have the architecture of a reference
    "gmb-bilstm-lstm": "R0",
    "gmb-bilstm": "R1",
    "bc5cdr-bilstm-from-gmb": "R1",
    "conll2003-bilstm": "R2",
    "gmb-lstm": "R3",
    "anercorp-word2vec-lstm": "R4",
}

R4_SENTENCES = {  # the sentences that R4 shows, with the tags that its tagger predicts
    "محمد يعيش في الرباط": "PERS O O LOC",
    "الشركة تطور منتجات مبتكرة": "O O O O",
    "باريس هي عاصمة فرنسا": "LOC O O LOC",
}
