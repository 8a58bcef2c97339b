"""Lines cut as the corpora are."""

import pytest

from ner.embedding.words import TOKENS


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("Rome's mayor didn't go.", "Rome 's mayor did n't go ."),
        ("He left the U.S. on 1996-08-22.", "He left the U.S. on 1996-08-22 ."),
        ("U.S.-led talks, al-Qaida", "U.S.-led talks , al-Qaida"),
        ("Mr. J. Smith of AT&T", "Mr. J. Smith of AT&T"),
        ("O'Brien and Shi'ites won 6-4, 7-6", "O'Brien and Shi'ites won 6-4 , 7-6"),
        ('"It rose 1,000.5%," he said', '" It rose 1,000.5 % , " he said'),
        ("(they’re £600m)", "( they ’re £ 600m )"),
        ("وقال: «نعم»، ثمّ ذهب.", "وقال : « نعم » ، ثمّ ذهب ."),
        ("قبل 300 ق.م. تقريبا", "قبل 300 ق.م. تقريبا"),
        ("Rain -- and snow...", "Rain -- and snow ..."),
        ("", ""),
        (" \x1c ", ""),
    ],
)
def test_words_keep_what_is_written_together(line: str, tokens: str) -> None:
    assert TOKENS["words"](line) == tokens.split()


def test_punctuation_cuts_at_every_mark() -> None:
    assert TOKENS["punctuation"]("L-dopa, 0.5 mg") == ["L", "-", "dopa", ",", "0", ".", "5", "mg"]
