"""Read one corpus: data/raw/<corpus>/ -> data/sentences/<corpus>/{train,dev,test}.conll in IOB2, and its statistics.

The statistics are metrics/corpora/<corpus>.json and plots/corpora/<corpus>/.
"""

from pathlib import Path

from ner.core.outputs import whole_directory, whole_file, write_json
from ner.core.params import build, lookup, read_params
from ner.core.sentence_files import write_sentences
from ner.corpora.catalogue import CorpusParams
from ner.corpora.partition import SPLITS, cut, deduplicate
from ner.corpora.reading import read_split
from ner.corpora.statistics import corpus_statistics, labels_table, lengths_table
from ner.pipeline.stage import run_stage


def main(name: str) -> None:
    corpus = build(CorpusParams, lookup(read_params(), "corpora", name), f"corpora.{name}")
    raw = Path("data/raw") / name
    read = {split: read_split(raw / Path(file.path).name, corpus) for split, file in corpus.files.items()}
    kept = {
        split: deduplicate(file.sentences) if corpus.deduplicate else file.sentences for split, file in read.items()
    }
    parts = {name: part for name, part in cut(kept["train"], corpus.split).items() if part} if corpus.split else {}
    splits = {split: (kept | parts)[split] for split in SPLITS}

    with whole_directory(Path("data/sentences") / name) as directory:
        for split, sentences in splits.items():
            write_sentences(directory / f"{split}.conll", sentences)
    with whole_file(Path("metrics/corpora") / f"{name}.json") as path:
        write_json(path, corpus_statistics(read, splits))
    for plot, table in (("lengths", lengths_table(splits)), ("labels", labels_table(splits))):
        with whole_file(Path("plots/corpora") / name / f"{plot}.csv") as path:
            table.to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    run_stage(main, __doc__, "corpora")
