"""Normalisation of tokens for look-ups."""

import pytest

from ner.core.normalisation import STEPS, normalise


@pytest.mark.parametrize(
    ("token", "steps", "expected"),
    [
        ("Boeing-747", (), "Boeing-747"),
        ("Boeing-747", ("lowercase",), "boeing-747"),
        ("Boeing-747", ("digits",), "Boeing-000"),
        ("Boeing-747", ("lowercase", "digits"), "boeing-000"),
        ("ÅRHUS", ("lowercase",), "århus"),
        ("٢٠٠٢", ("digits",), "0000"),
        ("مُحَمَّد", ("arabic",), "محمد"),
        ("ســـلام", ("arabic",), "سلام"),
        ("أحمد", ("arabic",), "احمد"),
        ("إلى", ("arabic",), "الى"),
        ("آخر", ("arabic",), "اخر"),
        ("\u0671لله", ("arabic",), "الله"),
        ("ـ", ("arabic",), "ـ"),  # a token of marks alone stays as it is, since an empty one is no word
        ("Rome", ("arabic",), "Rome"),
    ],
)
def test_normalise_follows_its_steps(token: str, steps: tuple[str, ...], expected: str) -> None:
    assert normalise(token, steps) == expected


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("token", ["McCoy-1996", "أُسْتاذ", "ـــ", "İstanbul", "x²"])
def test_normalise_twice_changes_nothing_more(step: str, token: str) -> None:
    once = normalise(token, (step,))
    assert normalise(once, (step,)) == once
