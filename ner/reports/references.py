"""What the notebooks that this project replaces published, beside which of our figures it belongs, and our repetitions.

They are told apart as R0 to R4. Those that state no figure say at least how they compute theirs.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """One figure, as a fraction, None if none is stated, and the key of metrics/<run>.json that is computed so."""

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

REPETITIONS = {  # runs of params.yaml with the architecture of a reference
    "gmb-bilstm-lstm": "R0",
    "gmb-bilstm": "R1",
    "bc5cdr-bilstm-from-gmb": "R1",
    "conll2003-bilstm": "R2",
    "gmb-lstm": "R3",
    "anercorp-word2vec-lstm": "R4",
}

R4_SENTENCES = {  # what R4 shows of its tagger: a sentence, and the tags that it gives to the tokens
    "محمد يعيش في الرباط": "PERS O O LOC",
    "الشركة تطور منتجات مبتكرة": "O O O O",
    "باريس هي عاصمة فرنسا": "LOC O O LOC",
}
