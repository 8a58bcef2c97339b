"""Reading of a corpus file by its entry in params.yaml: sentences in IOB2 and counts of repairs, or one error."""

import json
import re
from collections import Counter
from itertools import permutations
from pathlib import Path

import pytest

from ner.core.sentence import Sentence
from ner.corpora.catalogue import CorpusParams, TagParams
from ner.corpora.formats import FORMATS
from ner.corpora.lines import CorpusFormatError
from ner.corpora.mentions import MentionParams
from ner.corpora.reading import SplitRead, read_split
from tests.corpora.refusals import refusal
from tests.corpora.writers import WRITERS

DATA = Path(__file__).parents[1] / "data"
MENTIONS = """7|t|Of mice.
7|a|Mice eat.

8|t|Pain
8|a|Rats eat. Mice
8\t5\t8\tRat\tAnimal\tD1
8\t15\t19\tMice\tAnimal\tD1
"""
MENTIONS_JSON = """{"text": "Of mice.", "spans": []}

{"text": "Pain. Rats eat. Mice", "spans": [[6, 9, "Animal"], [16, 20, "Animal"]]}
"""
TAG_FORMATS = [name for name, row in FORMATS.items() if "tags" in row.settings]
# A small file of each format with a placeholder `{}` for one tag, and the line of that tag.
TAGGED = {
    "conll": ("Mila B-PER\nOkoro {}\nrows O\n", 2),
    "kaggle-csv": ("Sentence #,Word,POS,Tag\nSentence: 1,Mila,NNP,B-PER\n,Okoro,NNP,{}\n,rows,VBZ,O\n", 3),
    "jsonl-tokens": ('\n{{"tokens": ["Mila", "Okoro", "rows"], "tags": ["B-PER", "{}", "O"]}}\n', 2),
}
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\6\0\0\0"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def tagged(corpus: CorpusParams, scheme: str = "IOB2", invalid: str = "error") -> CorpusParams:
    return corpus.replace(tags=TagParams(scheme=scheme, invalid=invalid))


def tags_of(split: SplitRead) -> list[tuple[str, ...]]:
    return [sentence.tags for sentence in split.sentences]


def test_read_split_converts_iob1_and_counts_superfluous_openings(corpora: dict[str, CorpusParams]) -> None:
    split = read_split(DATA / "iob1.conll", tagged(corpora["conll"], "IOB1", "repair"))
    assert tags_of(split) == [
        ("B-LOC", "I-LOC", "B-LOC", "O", "B-PER", "I-PER", "O", "B-PER", "O"),
        ("O", "O", "B-MISC", "I-MISC", "O"),
        ("B-LOC", "O"),
    ]
    assert (split.repaired, split.dropped) == ({"B-MISC -> I-MISC": 1}, {})


def test_read_split_without_repair_names_a_superfluous_opening(corpora: dict[str, CorpusParams]) -> None:
    path = DATA / "iob1.conll"
    with pytest.raises(CorpusFormatError) as caught:
        read_split(path, tagged(corpora["conll"], "IOB1"))
    assert str(caught.value) == (
        f"{path}:15: expected I-MISC here in IOB1. Received: 'B-MISC'; "
        "`invalid: repair` reads 'Lanterncup' as conlleval does"
    )


def test_read_split_repairs_and_counts_lone_inside_tags(corpora: dict[str, CorpusParams]) -> None:
    split = read_split(DATA / "lone_inside.txt", tagged(corpora["conll"], invalid="repair"))
    assert tags_of(split) == [
        ("O", "B-PERS", "I-PERS", "O", "B-LOC", "O"),
        ("O", "B-PERS", "I-PERS", "O", "B-LOC", "I-LOC", "O"),
    ]
    assert (split.repaired, split.dropped) == ({"I-PERS -> B-PERS": 1}, {})


@pytest.mark.parametrize("name", TAG_FORMATS)
def test_read_split_counts_each_kind_of_repair(name: str, tmp_path: Path, corpora: dict[str, CorpusParams]) -> None:
    sentences = [
        Sentence(("Oslo", "and", "Rome"), ("I-LOC", "O", "I-LOC")),
        Sentence(("Ada", "Oslo"), ("B-PER", "I-LOC")),
        Sentence(("Ada",), ("I-PER",)),
    ]
    WRITERS[name](tmp_path / "corpus", sentences)
    split = read_split(tmp_path / "corpus", tagged(corpora[name], invalid="repair"))
    assert split.repaired == {"I-LOC -> B-LOC": 3, "I-PER -> B-PER": 1}
    assert tags_of(split) == [("B-LOC", "O", "B-LOC"), ("B-PER", "B-LOC"), ("B-PER",)]


@pytest.mark.parametrize("name", TAG_FORMATS)
def test_read_split_without_repair_names_the_line_of_a_lone_inside_tag(
    name: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    content, line = TAGGED[name]
    path = write(tmp_path / "corpus", content.format("I-LOC"))
    with pytest.raises(CorpusFormatError) as caught:
        read_split(path, corpora[name])
    assert str(caught.value) == (
        f"{path}:{line}: expected B-LOC here in IOB2. Received: 'I-LOC'; "
        "`invalid: repair` reads 'Okoro' as conlleval does"
    )


@pytest.mark.parametrize("scheme", ["IO", "IOB1", "IOB2", "IOBES", "BILUO"])
def test_read_split_reads_any_scheme_without_a_repair(
    scheme: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    written = {
        "IO": "I-A I-A O I-B",
        "IOB1": "I-A B-A O I-B",
        "IOB2": "B-A I-A O B-B",
        "IOBES": "B-A E-A O S-B",
        "BILUO": "B-A L-A O U-B",
    }[scheme]
    path = write(tmp_path / "corpus", "".join(f"x {tag}\n" for tag in written.split()))
    split = read_split(path, tagged(corpora["conll"], scheme))
    second = "B-A" if scheme == "IOB1" else "I-A"
    assert split == SplitRead([Sentence(("x",) * 4, ("B-A", second, "O", "B-B"))], Counter(), Counter())


def test_read_split_reads_tabs_without_a_repair(corpora: dict[str, CorpusParams]) -> None:
    split = read_split(DATA / "tabs.tsv", corpora["conll"])
    assert split.sentences[1] == Sentence(("No", "rash", ",", "#", "3", "."), ("O", "B-Disease", "O", "O", "O", "O"))
    assert (split.repaired, split.dropped) == ({}, {})


def test_read_split_reads_a_kaggle_csv(corpora: dict[str, CorpusParams]) -> None:
    corpus = corpora["kaggle-csv"]
    assert read_split(DATA / "filled_down.csv", corpus) == read_split(DATA / "first_row_only.csv", corpus)


def test_read_split_reads_pubtator_that_fits(corpora: dict[str, CorpusParams]) -> None:
    split = read_split(DATA / "abstracts.PubTator.txt", corpora["pubtator"])
    assert (len(split.sentences), split.repaired, split.dropped) == (4, {}, {})


@pytest.mark.parametrize(("name", "content"), [("pubtator", MENTIONS), ("jsonl-spans", MENTIONS_JSON)])
def test_read_split_counts_dropped_mentions(
    name: str, content: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = write(tmp_path / "corpus", content)
    split = read_split(path, corpora[name].replace(mentions=MentionParams(misfit="drop")))
    assert (split.repaired, split.dropped) == ({}, {"Animal": 1})
    assert split.sentences[-1] == Sentence(("Mice",), ("B-Animal",))


@pytest.mark.parametrize(("name", "content", "line"), [("pubtator", MENTIONS, 4), ("jsonl-spans", MENTIONS_JSON, 3)])
def test_read_split_names_the_document_with_mentions_to_drop(
    name: str, content: str, line: int, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = write(tmp_path / "corpus", content)
    with pytest.raises(CorpusFormatError) as caught:
        read_split(path, corpora[name])
    assert str(caught.value) == (
        f"{path}:{line}: expected mentions that begin and end with tokens of one sentence. "
        "Received: 1 that do not; `misfit: drop` leaves them out, and counts them"
    )


@pytest.mark.parametrize("tag", ["MIS0", "O\u200f"], ids=ascii)  # tests/core/test_tagscheme.py has more
@pytest.mark.parametrize("invalid", ["repair", "error"])
@pytest.mark.parametrize("name", TAG_FORMATS)
def test_read_split_names_the_line_of_what_is_no_tag(
    name: str, invalid: str, tag: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    content, line = TAGGED[name]
    path = write(tmp_path / "corpus", content.format(tag))
    with pytest.raises(CorpusFormatError) as caught:
        read_split(path, tagged(corpora[name], invalid=invalid))
    assert str(caught.value) == (
        f"{path}:{line}: expected a tag: O, or a prefix, a hyphen and a label, as in B-PER. Received: {tag!r}"
    )


@pytest.mark.parametrize("end", [" ", "\u00a0", "\u200f"], ids=ascii)
def test_read_split_takes_no_label_with_something_invisible_behind_for_another(
    end: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = write(tmp_path / "corpus", f"Nora\tB-PER\nMila\tB-PER{end}\n")
    with pytest.raises(CorpusFormatError, match=f"^{re.escape(f'{path}:2: expected a tag')}"):
        read_split(path, corpora["conll"])


@pytest.mark.parametrize("label", ["Disease\u200f", "\u200fDisease", "Disease ", "Dis\u2028ease"], ids=ascii)
@pytest.mark.parametrize("name", ["pubtator", "jsonl-spans"])
def test_read_split_names_a_line_of_the_document_with_an_unwritable_label(
    name: str, label: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    content = {
        "pubtator": f"7|t|Of men, one had pain\n7|a|\n7\t16\t20\tpain\t{label}\tD1\n",
        "jsonl-spans": json.dumps({"text": "one had pain", "spans": [[8, 12, label]]}),
    }[name]
    path = write(tmp_path / "corpus", content)
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(str(path))}:[123]: expected .*Received: "):
        read_split(path, corpora[name])


@pytest.mark.parametrize("name", TAG_FORMATS)
def test_read_split_takes_a_misspelt_label_as_it_stands(
    name: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = write(tmp_path / "corpus", TAGGED[name][0].format("B-ERS"))
    split = read_split(path, corpora[name])
    assert split == SplitRead([Sentence(("Mila", "Okoro", "rows"), ("B-PER", "B-ERS", "O"))], Counter(), Counter())


@pytest.mark.parametrize(("declared", "written"), list(permutations(FORMATS, 2)))
def test_read_split_refuses_a_file_of_another_format(
    declared: str, written: str, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = tmp_path / "corpus"
    WRITERS[written](path, [Sentence(("Nora", "sails", "."), ("B-PER", "O", "O"))])
    with pytest.raises(CorpusFormatError, match=rf"^{re.escape(str(path))}:[123]: expected .*Received: "):
        read_split(path, corpora[declared])


NO_TEXT = {
    "picture": PNG,
    "cp1252": "Straße O\n".encode("cp1252"),
    "utf-16": "Nora O\n".encode("utf-16"),
    "NUL": b"No\0ra O\n",
    "line ends of old Macs": b"Nora O\rsails O\r",
}
NO_SENTENCE = [
    ("conll", ""),
    ("conll", "\n\n \n"),
    ("conll", "\ufeff"),
    ("conll", "-DOCSTART- -X- O O\n\n"),
    ("kaggle-csv", ""),
    ("kaggle-csv", "Sentence #,Word,POS,Tag\n"),
    ("jsonl-tokens", ""),
    ("jsonl-tokens", "\n \n"),
    ("jsonl-spans", ""),
    ("jsonl-spans", '{"text": "", "entities": []}\n'),
    ("jsonl-spans", '{"text": " \\n ", "entities": []}\n'),
    ("pubtator", ""),
    ("pubtator", "7|t|\n7|a|\n"),
]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        *(pytest.param(name, NO_TEXT[kind], 1, id=f"{name}: {kind}") for name in FORMATS for kind in NO_TEXT),
        *(pytest.param(name, content, 1, id=f"{name}: none in {content!a}") for name, content in NO_SENTENCE),
        pytest.param("conll", "Nora B-PER\n\nrows NN O\n", 3, id="conll: ragged"),
        pytest.param("conll", "Nora B-PER\nrows\n", 2, id="conll: tag missing"),
        pytest.param("conll", "Nora\tB-PER\n \tO\n", 2, id="conll: blank token"),
        pytest.param("conll", "Nora B-PER\nro\0ws O\n", 2, id="conll: NUL"),
        pytest.param("kaggle-csv", "Nora,NN,O\n", 1, id="csv: no header"),
        pytest.param("kaggle-csv", "Sentence #,Word,POS,Tag\nSentence: 1,Nora,O\n", 2, id="csv: ragged"),
        pytest.param("kaggle-csv", 'Sentence #,Word,POS,Tag\nSentence: 1,",NN,O\n', 2, id="csv: lone quote"),
        pytest.param("kaggle-csv", "Sentence #,Word,POS,Tag\nSentence: 1,No\0ra,NN,O\n", 2, id="csv: NUL"),
        pytest.param("jsonl-tokens", '{"tokens": ["Nora"], "tags": ["O"]\n', 1, id="tokens: open bracket"),
        pytest.param("jsonl-tokens", '{"tokens": ["Nora], "tags": ["O"]}\n', 1, id="tokens: lone quote"),
        pytest.param("jsonl-tokens", '{"tokens": ["Nora"], "tags": ["O", "O"]}\n', 1, id="tokens: ragged"),
        pytest.param("jsonl-tokens", '\n{"tokens": ["No\\u0000ra"], "tags": ["O"]}\n', 2, id="tokens: NUL"),
        pytest.param("jsonl-spans", '{"text": "Nora", "spans": [[0, 5, "PER"]]}\n', 1, id="spans: beyond"),
        pytest.param("jsonl-spans", '{"text": "Nora, "spans": []}\n', 1, id="spans: lone quote"),
        pytest.param("jsonl-spans", '{"text": "No\\u0000ra", "spans": []}\n', 1, id="spans: NUL"),
        pytest.param("pubtator", "7|t|Pain\n7|a|\n7\t0\t4\tPain\n", 3, id="pubtator: ragged"),
        pytest.param("pubtator", "7|t|Pain\n7|a|\n7\t0\t5\tPain\tX\tD\n", 3, id="pubtator: wrong offsets"),
        pytest.param("pubtator", "7|t|Pain\n7|a|\n7\t0\t4\tPa\0n\tX\tD\n", 3, id="pubtator: NUL"),
    ],
)
def test_read_split_names_file_and_line_of_what_is_broken(
    name: str, content: str | bytes, line: int, tmp_path: Path, corpora: dict[str, CorpusParams]
) -> None:
    path = write(tmp_path / "corpus", content)
    refusal(path, line, lambda: read_split(path, corpora[name]))


@pytest.mark.parametrize("name", FORMATS)
def test_read_split_keeps_repeated_sentences(name: str, tmp_path: Path, corpora: dict[str, CorpusParams]) -> None:
    sentences = [Sentence(("Nora",), ("B-PER",)), Sentence(("Nora",), ("O",))]
    WRITERS[name](tmp_path / "corpus", sentences)
    assert read_split(tmp_path / "corpus", corpora[name]).sentences == sentences
