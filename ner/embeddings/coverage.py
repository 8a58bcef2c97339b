"""Tagged sentences and an embedding's words -> coverage: how many tokens and types the embedding has."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ner.core.sentence import Sentence
from ner.encoders.pieces import PieceTokenizer
from ner.features.lookup import find


def coverage(
    sentences: Iterable[Sentence], index: Mapping[str, int], normalisation: tuple[str, ...]
) -> dict[str, int | float]:
    """Count the tokens and types that an embedding has, of all tokens and of entity tokens; a type is a distinct token.

    Args:
        sentences: sentences of one split of a corpus.
        index: the embedding's words, with their rows.
        normalisation: how those words were normalised.

    Returns:
        Counts, and shares from 0 to 1.
    """
    tokens: Counter[str] = Counter()
    entity_tokens: Counter[str] = Counter()
    for sentence in sentences:
        tokens.update(sentence.tokens)
        entity_tokens.update(token for token, tag in zip(sentence.tokens, sentence.tags, strict=True) if tag != "O")
    found = {token for token in tokens if find(token, index, normalisation) is not None}
    return _shares("", tokens, found) | _shares("entity_", entity_tokens, found)


def piece_coverage(sentences: Iterable[Sentence], tokenizer: PieceTokenizer) -> dict[str, int | float]:
    """Count the tokens, their word pieces, and the tokens with an unknown piece.

    Args:
        sentences: of one split of a corpus.
        tokenizer: of a pretrained encoder.
    """
    counts = Counter(token for sentence in sentences for token in sentence.tokens)
    pieces = dict(zip(counts, tokenizer.ids(list(counts)), strict=True))
    unknown = sum(count for token, count in counts.items() if tokenizer.unknown in pieces[token])
    return {
        "tokens": counts.total(),
        "pieces": sum(count * len(pieces[token]) for token, count in counts.items()),
        "tokens_unknown": unknown,
    }


def _shares(kind: str, counts: Counter[str], found: set[str]) -> dict[str, int | float]:
    tokens_found = sum(count for token, count in counts.items() if token in found)
    types_found = sum(token in found for token in counts)
    return {
        f"{kind}tokens": counts.total(),
        f"{kind}tokens_found": tokens_found,
        f"{kind}token_coverage": _share(tokens_found, counts.total()),
        f"{kind}types": len(counts),
        f"{kind}types_found": types_found,
        f"{kind}type_coverage": _share(types_found, len(counts)),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
