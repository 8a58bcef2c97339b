"""Text with mentions at character offsets -> sentences in IOB2, segmented and tokenized by `ner.text.tokenizer`."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from pydantic import Field

from ner.core.params import Params
from ner.core.sentence import Sentence, Span
from ner.core.tagscheme import is_label, spans_to_tags
from ner.text.tokenizer import sentence_bounds, tokenize


class MentionParams(Params):
    """What to do with a mention that does not begin and end with tokens of one sentence."""

    misfit: Literal["error", "drop"] = Field(description="drop: tag the tokens of such a mention O, and count it")


def check_mentions(text: str, mentions: Sequence[Span]) -> None:
    """Raise ValueError if a mention is outside `text`, covers only whitespace, has no label, or overlaps another."""
    for mention in mentions:
        if not 0 <= mention.start < mention.end <= len(text):
            raise ValueError(
                f"expected 0 <= start < end <= {len(text)}, as the text is long. Received: {mention!s:.200}"
            )
        if not text[mention.start : mention.end].strip() or not is_label(mention.label):
            raise ValueError(f"expected mentions with text and label. Received: {mention!s:.200}")
    for one, two in pairwise(sorted(mentions)):
        if two.start < one.end:
            raise ValueError(f"expected mentions that do not overlap. Received: {one} and {two}")


def cut_text(text: str, mentions: Sequence[Span], break_at: int = 0) -> Iterator[tuple[Sentence, tuple[str, ...]]]:
    """Split text into tagged sentences; yield each with the labels of the mentions that were dropped in it.

    A mention is dropped if it does not begin and end with tokens of one sentence. It counts for the sentence in which
    it begins.

    Args:
        text: any string; a stretch without tokens gives no sentence.
        mentions: character spans that have passed `check_mentions`.
        break_at: an offset at which a sentence ends in any case, such as between a title and its abstract.
    """
    dropped: list[str] = []
    waiting = deque(sorted(mentions))
    for start, end in (*sentence_bounds(text, 0, break_at), *sentence_bounds(text, break_at)):
        tokens = tokenize(text, start, end)
        starts = {token.start: index for index, token in enumerate(tokens)}
        ends = {token.end: index for index, token in enumerate(tokens, start=1)}
        fitting: list[Span] = []
        while waiting and waiting[0].start < end:
            mention = waiting.popleft()
            if mention.start in starts and mention.end in ends:
                fitting.append(Span(starts[mention.start], ends[mention.end], mention.label))
            else:  # it begins or ends inside a token, or in another sentence
                dropped.append(mention.label)
        if tokens:
            words = tuple(token.text for token in tokens)
            yield Sentence(words, spans_to_tags(fitting, len(words))), tuple(dropped)
            dropped = []
