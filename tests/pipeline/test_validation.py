"""The committed params.yaml is valid, and each way to break it is answered in one line that names the key."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from ner.core.params import ParamsError, read_params
from ner.pipeline.validation import SECTIONS, check_params

COMMITTED = Path(__file__).parents[2] / "params.yaml"
READ = read_params(COMMITTED)
RELEASED = {"corpus": "gmb", "weights": "int8", "vectors": 0, "clusters": 0}
SILVER = ("silver", "bc5cdr-silver")
CONTEXT = ("language_models", "conll2003-context")
MISSING = type("Missing", (), {"__repr__": lambda _: "missing"})()

BIO = ("corpora", "demo-bio")
GMB = ("corpora", "gmb")
CONLL = ("corpora", "conll2003")
CLUSTERS = ("embeddings", "bllip-clusters")
MODEL = ("runs", "gmb-bilstm", "model")
TRAINING = ("runs", "gmb-bilstm", "training")
COMPUTE = ("compute",)
CRF = ("runs", "conll2003-crf")  # with vectors and clusters
SPELLING = (*CRF, "model", "characters")
CLUSTERED = (*CRF, "model", "clusters")
ONLY = ("runs", "anercorp-word2vec-lstm")  # reads word vectors and nothing else
FROM = ("runs", "bc5cdr-crf-from-gmb")
ODD = {"network": "lstm", "min_count": 1, "dimensions": 5, "features": 7, "width": 3, "longest": 9}
THREE = ["word2vec-english", "bllip-clusters", "glove-6b-100d"]
TWICE = ["bllip-clusters", "bllip-clusters"]
BESIDE = ["none", "bllip-clusters"]
ALIKE = ["word2vec-english", "glove-6b-100d"]


@pytest.fixture
def params() -> dict[str, Any]:
    """A copy that a test may break, with a run of language models of which nothing else is made."""
    params = copy.deepcopy(READ)
    params["runs"]["second-context"] = copy.deepcopy(params["runs"]["conll2003-crf-context"])
    return params


def broken(params: dict[str, Any], path: tuple[Any, ...], value: object) -> dict[str, Any]:
    """`params` with `value` at `path`; MISSING takes the key away."""
    place = params
    for key in path[:-1]:
        place = place[key]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return params


def message(params: dict[str, Any]) -> str:
    with pytest.raises(ParamsError) as error:
        check_params(params)
    return str(error.value)


def test_check_params_accepts_the_committed_file(params: dict[str, Any]) -> None:
    check_params(params)


def test_check_params_leaves_its_argument_as_it_is(params: dict[str, Any]) -> None:
    before = copy.deepcopy(params)
    check_params(params)
    assert params == before


def test_check_params_accepts_sections_without_entries() -> None:
    check_params({section: {} for section in SECTIONS} | {"compute": {"deterministic": True, "precision": "float32"}})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*GMB, "split", "dev"), 0.5),
        ((*CONLL, "split"), {"seed": 1, "dev": 0, "test": 0}),
        ((*CONLL, "split"), None),
        ((*CONLL, "columns"), {"token": 1, "tag": 2}),
        ((*GMB, "files", "train", "urls"), []),
        ((*GMB, "files", "train", "urls"), MISSING),
        ((*GMB, "files", "train", "urls"), ["http://127.0.0.1:8000/a.zip", "http://localhost/a.zip", "http://[::1]/a"]),
        ((*TRAINING, "learning_rate"), 1e-7),
        ((*TRAINING, "missed_entity_cost"), 0.5),
        ((*TRAINING, "word_dropout_alpha"), 0),
        ((*TRAINING, "word_dropout_alpha"), 100),
        ((*TRAINING, "seed"), 2**32 - 1),
        ((*MODEL, "input_dropout"), 0),
        ((*MODEL, "normalisation"), []),
        ((*MODEL, "vectors"), {"words": 0, "tuned": True}),
        ((*MODEL, "vectors"), None),
        ((*CRF, "embeddings"), ["none"]),
        ((*CRF, "embeddings"), ["bllip-clusters", "glove-6b-100d"]),
        ((*CRF, "model", "word_dimensions"), 0),
        ((*SPELLING, "network"), "lstm"),
        ((*FROM, "transfer"), {"frozen": [], "frozen_epochs": 0, "rates": {}}),
        ((*TRAINING, "clip_norm"), 0),
    ],
    ids=repr,
)
def test_check_params_accepts_what_is_allowed(params: dict[str, Any], path: tuple[Any, ...], value: object) -> None:
    check_params(broken(params, path, value))


@pytest.mark.parametrize(
    ("path", "value", "key", "allowed", "came"),
    [
        # sections and names
        (
            ("models",),
            {},
            "models",
            "{corpora, embeddings, networks, training, runs, finetune, compute, release, ",
            "",
        ),
        ((1,), {}, "1", "{corpora, embeddings, networks, training, runs, finetune, compute, release, ", ""),
        (("corpora",), MISSING, "corpora", "names with their parameters", "None"),
        (("embeddings",), MISSING, "embeddings", "names with their parameters", "None"),
        (("runs",), MISSING, "runs", "names with their parameters", "None"),
        (("runs",), None, "runs", "names with their parameters", "None"),
        (("runs",), ["gmb-bilstm"], "runs", "names with their parameters", "['gmb-bilstm']"),
        (("embeddings", "GloVe"), {}, "embeddings", "a name of a-z", "'GloVe'"),
        (("embeddings", "none"), {}, "embeddings", "a name other than none", ""),
        (("embeddings", "glove"), {"a": 1}, "embeddings.glove.kind", "one of published, word2vec, ", "None"),
        ((*CLUSTERS, "size"), 3, "embeddings.bllip-clusters.size", "{kind, corpora, ", ""),
        (
            (*CLUSTERS, "corpora"),
            ["conll2004"],
            "embeddings.bllip-clusters.corpora",
            "some of {demo-news, ",
            "'conll2004'",
        ),
        (("corpora", "GMB"), {}, "corpora", "a name of a-z", "'GMB'"),
        (("corpora", False), {}, "corpora", "a name of a-z", "False"),  # `no:` in YAML
        (("runs", "my_run"), {}, "runs", "a name of a-z", "'my_run'"),
        (("runs", "../run"), {}, "runs", "a name of a-z", "'../run'"),
        (("runs", "run\n"), {}, "runs", "a name of a-z", r"'run\n'"),
        (("corpora", "other"), None, "corpora.other", "keys {language, format, ", "None"),
        (
            ("runs", "other"),
            [],
            "runs.other",
            "keys {corpus, base, embeddings, ",
            "[]",
        ),
        # a corpus
        ((*GMB, "langauge"), "en", "corpora.gmb.langauge", "{language, format, ", ""),
        ((*GMB, "language"), MISSING, "corpora.gmb.language", "{language, format, ", ""),
        ((*GMB, "language"), False, "corpora.gmb.language", "text", "False"),  # `no` in YAML
        ((*GMB, "format"), "csv", "corpora.gmb.format", "one of conll, kaggle-csv, ", "'csv'"),
        ((*GMB, "format"), "conll", "corpora.gmb.columns", "keys for format conll", "None"),
        (
            (*CONLL, "format"),
            "pubtator",
            "corpora.conll2003.columns",
            "none for format pubtator",
            "Columns(token=0, tag=-1, comment='')",
        ),
        ((*CONLL, "columns"), MISSING, "corpora.conll2003.columns", "keys for format conll", "None"),
        ((*CONLL, "columns", "tag"), "last", "corpora.conll2003.columns.tag", "a whole number", "'last'"),
        (
            (*CONLL, "columns", "tag"),
            MISSING,
            "corpora.conll2003.columns.tag",
            "at least {token, tag}",
            "{token}",
        ),
        ((*GMB, "encoding"), None, "corpora.gmb.encoding", "text", "None"),
        ((*GMB, "encoding"), "utf-9", "corpora.gmb.encoding", "one that Python knows", "'utf-9'"),
        ((*GMB, "encoding"), "hex", "corpora.gmb.encoding", "one that Python knows", "'hex'"),  # of bytes, not of text
        ((*GMB, "encoding"), "utf-8\0", "corpora.gmb.encoding", "one that Python knows", r"'utf-8\x00'"),
        ((*GMB, "tags"), MISSING, "corpora.gmb.tags", "keys for format kaggle-csv", "None"),
        ((*GMB, "tags"), None, "corpora.gmb.tags", "keys for format kaggle-csv", "None"),
        ((*GMB, "tags"), "IOB2", "corpora.gmb.tags", "keys {scheme, invalid}", "'IOB2'"),
        ((*GMB, "tags", "scheme"), "BIO", "corpora.gmb.tags.scheme", "IOB1, IOB2", "'BIO'"),
        ((*GMB, "tags", "invalid"), "drop", "corpora.gmb.tags.invalid", "one of error, repair", "'drop'"),
        ((*GMB, "tags", "invalid"), MISSING, "corpora.gmb.tags.invalid", "at least {scheme, invalid}", "{scheme}"),
        ((*GMB, "mentions"), {"misfit": "drop"}, "corpora.gmb.mentions", "none for format kaggle-csv", ""),
        ((*BIO, "mentions"), MISSING, "corpora.demo-bio.mentions", "keys for format pubtator", "None"),
        ((*BIO, "mentions", "misfit"), "ignore", "corpora.demo-bio.mentions.misfit", "one of ", "'ignore'"),
        ((*GMB, "deduplicate"), 1, "corpora.gmb.deduplicate", "true or false", "1"),
        # its files
        ((*GMB, "files"), {}, "corpora.gmb.files", "train, and dev and test if published", "[]"),
        ((*GMB, "files"), ["a"], "corpora.gmb.files", "keys with values", "['a']"),
        ((*CONLL, "files", "train"), MISSING, "corpora.conll2003.files", "train, and dev", "['dev', 'test']"),
        ((*CONLL, "files", 1), {"path": "a", "sha256": "0" * 64}, "corpora.conll2003.files", "train, and dev", ""),
        (
            (*CONLL, "files", "valid"),
            {"path": "a", "sha256": "0" * 64},
            "corpora.conll2003.files",
            "train, and dev",
            "['train', 'dev', 'test', 'valid']",
        ),
        (
            (*CONLL, "files", "dev", "path"),
            "other/eng.train",
            "corpora.conll2003.files",
            "distinct file names",
            "['conll2003/eng.train', 'other/eng.train', 'conll2003/eng.testb']",
        ),
        ((*GMB, "files", "train", "path"), 1, "corpora.gmb.files.train.path", "text", "1"),
        ((*GMB, "files", "train", "path"), MISSING, "corpora.gmb.files.train.path", "at least {path, sha256}", ""),
        ((*GMB, "files", "train", "sha256"), "", "corpora.gmb.files.train.sha256", "64 hexadecimal digits", "''"),
        ((*GMB, "files", "train", "sha256"), "A" * 64, "corpora.gmb.files.train.sha256", "64 hex", f"'{'A' * 64}'"),
        ((*GMB, "files", "train", "sha256"), 10**63, "corpora.gmb.files.train.sha256", "text", f"{10**63}"),
        ((*GMB, "files", "train", "urls"), "https://a", "corpora.gmb.files.train.urls", "a list", "'https://a'"),
        ((*GMB, "files", "train", "urls"), ["https://a", 1], "corpora.gmb.files.train.urls[1]", "text", "1"),
        ((*GMB, "files", "train", "urls"), ["http://a"], "corpora.gmb.files.train.urls", "https://", "'http://a'"),
        ((*GMB, "files", "train", "urls"), ["file:///a"], "corpora.gmb.files.train.urls", "https://", "'file:///a'"),
        ((*GMB, "files", "train", "urls"), ["ftp://localhost/a"], "corpora.gmb.files.train.urls", "https://", ""),
        ((*GMB, "files", "train", "urls"), ["/a"], "corpora.gmb.files.train.urls", "https://", "'/a'"),
        ((*GMB, "files", "train", "urls"), ["https://[a"], "corpora.gmb.files.train.urls", "https://", "'https://[a'"),
        # its split
        ((*GMB, "split"), MISSING, "corpora.gmb.split.dev", "above 0, since files has no dev", "0"),
        ((*GMB, "split"), None, "corpora.gmb.split.dev", "above 0, since files has no dev", "0"),
        ((*GMB, "split"), [0.8, 0.1, 0.1], "corpora.gmb.split", "keys {dev, test, order, seed}", "[0.8, 0.1, 0.1]"),
        ((*GMB, "split", "seed"), MISSING, "corpora.gmb.split.seed", "order shuffled alone", "None, and shuffled"),
        ((*GMB, "split", "dev"), MISSING, "corpora.gmb.split.dev", "at least {dev, test}", "{seed, test}"),
        (("release",), [], "release", "names with their parameters", "[]"),
        (("release", "nope"), RELEASED, "release", "some of {demo-news, ", "'nope'"),
        (("release", "gmb-crf", "corpus"), "bc5cdr", "release.gmb-crf.corpus", "gmb, as runs has it", "'bc5cdr'"),
        (("release", "gmb-crf", "weights"), "int4", "release.gmb-crf.weights", "one of float32, int8", "'int4'"),
        (("release", "gmb-crf", "vectors"), -1, "release.gmb-crf.vectors", "a number from 0", "-1"),
        ((*GMB, "split", "seed"), 1.5, "corpora.gmb.split.seed", "a whole number", "1.5"),
        ((*GMB, "split", "seed"), -1, "corpora.gmb.split.seed", "a number from 0", "-1"),
        ((*GMB, "split", "dev"), "10%", "corpora.gmb.split.dev", "a number", "'10%'"),
        ((*GMB, "split", "dev"), 0, "corpora.gmb.split.dev", "above 0, since files has no dev", "0.0"),
        ((*GMB, "split", "test"), 0, "corpora.gmb.split.test", "above 0, since files has no test", "0.0"),
        ((*GMB, "split", "dev"), 0.51, "corpora.gmb.split.dev", "a number from 0 to 0.5", "0.51"),
        ((*GMB, "split", "test"), -0.1, "corpora.gmb.split.test", "a number from 0 to 0.5", "-0.1"),
        (
            (*GMB, "split"),
            {"seed": 1, "dev": 0.5, "test": 0.5},
            "corpora.gmb.split.test",
            "train a tenth",
            "0.5, and 0.5 for dev",
        ),
        (
            (*CONLL, "split"),
            {"seed": 1, "dev": 0.1, "test": 0},
            "corpora.conll2003.split.dev",
            "0, since files has it",
            "0.1",
        ),
        # a run
        (("runs", "gmb-bilstm", "corpus"), MISSING, "runs.gmb-bilstm.corpus", "{corpus, base, embeddings, ", ""),
        (("runs", "gmb-bilstm", "corpus"), None, "runs.gmb-bilstm.corpus", "text", "None"),
        (("runs", "gmb-bilstm", "model"), MISSING, "runs.gmb-bilstm.model", "{corpus, base, embeddings, ", ""),
        (("runs", "gmb-bilstm", "training"), None, "runs.gmb-bilstm.training", "keys {seed, dev, epochs, ", "None"),
        (("runs", "gmb-bilstm", "embedding"), "x", "runs.gmb-bilstm.embedding", "{corpus, base, embeddings, ", ""),
        ((*MODEL, "architecture"), "cnn", "runs.gmb-bilstm.model.architecture", "one of lstm, bilstm, ", "'cnn'"),
        ((*MODEL, "normalisation"), "digits", "runs.gmb-bilstm.model.normalisation", "a list", "'digits'"),
        ((*MODEL, "normalisation"), ["digit"], "runs.gmb-bilstm.model.normalisation", "one of lowercase, ", "'digit'"),
        ((*MODEL, "normalisation"), [["digits"]], "runs.gmb-bilstm.model.normalisation[0]", "text", "['digits']"),
        ((*MODEL, "min_count"), 0, "runs.gmb-bilstm.model.min_count", "a number from 1 to 1000", "0"),
        ((*MODEL, "word_dimensions"), 0, "runs.gmb-bilstm.model.word_dimensions", "nothing else tells words", "0"),
        ((*MODEL, "word_dimensions"), -1, "runs.gmb-bilstm.model.word_dimensions", "a number from 0", "-1"),
        ((*MODEL, "word_dimensions"), 1001, "runs.gmb-bilstm.model.word_dimensions", "from 0 to 1000", "1001"),
        ((*MODEL, "casing_dimensions"), 101, "runs.gmb-bilstm.model.casing_dimensions", "from 0 to 100", "101"),
        ((*MODEL, "lstm_units"), 2001, "runs.gmb-bilstm.model.lstm_units", "a number from 1 to 2000", "2001"),
        ((*MODEL, "lstm_units"), True, "runs.gmb-bilstm.model.lstm_units", "a whole number", "True"),
        ((*MODEL, "input_dropout"), 0.91, "runs.gmb-bilstm.model.input_dropout", "a number from 0 to 0.9", "0.91"),
        ((*MODEL, "output_dropout"), -0.1, "runs.gmb-bilstm.model.output_dropout", "from 0 to 0.9", "-0.1"),
        ((*MODEL, "lstm_layers"), 0, "runs.gmb-bilstm.model.lstm_layers", "a number from 1 to 4", "0"),
        ((*MODEL, "lstm_layers"), 5, "runs.gmb-bilstm.model.lstm_layers", "a number from 1 to 4", "5"),
        ((*MODEL, "layers"), 2, "runs.gmb-bilstm.model.layers", "{architecture, ", ""),
        ((*MODEL, "vectors"), {"words": 5}, "runs.gmb-bilstm.model.vectors.tuned", "{words, tuned}", "{words}"),
        ((*MODEL, "vectors"), {"words": -1, "tuned": True}, "runs.gmb-bilstm.model.vectors.words", "from 0", "-1"),
        ((*SPELLING, "network"), "gru", "runs.conll2003-crf.model.characters.network", "one of cnn, lstm", "'gru'"),
        ((*SPELLING, "longest"), 1, "runs.conll2003-crf.model.characters.longest", "a number from 2 to 100", "1"),
        (SPELLING, ODD, "runs.conll2003-crf.model.characters.features", "an even number, half for each", "7"),
        ((*CLUSTERED, "prefixes"), [], "runs.conll2003-crf.model.clusters.prefixes", "from 1 to 20", "0"),
        ((*CLUSTERED, "prefixes"), [4, 0], "runs.conll2003-crf.model.clusters.prefixes", "from 1 to 100", "0"),
        ((*CLUSTERED, "dimensions"), 0, "runs.conll2003-crf.model.clusters.dimensions", "from 1 to 1000", "0"),
        ((*TRAINING, "seed"), -1, "runs.gmb-bilstm.training.seed", "a number from 0 to 4294967295", "-1"),
        ((*TRAINING, "seed"), 2**32, "runs.gmb-bilstm.training.seed", "a number from 0", "4294967296"),
        ((*TRAINING, "epochs"), 0, "runs.gmb-bilstm.training.epochs", "a number from 1 to 1000", "0"),
        ((*TRAINING, "epochs"), 12.0, "runs.gmb-bilstm.training.epochs", "a whole number", "12.0"),
        ((*TRAINING, "patience"), 0, "runs.gmb-bilstm.training.patience", "a number from 1 to 1000", "0"),
        ((*TRAINING, "batch_size"), 0, "runs.gmb-bilstm.training.batch_size", "a number from 1 to 10000", "0"),
        ((*TRAINING, "learning_rate"), "2e-3", "runs.gmb-bilstm.training.learning_rate", "1.0e-3", "'2e-3'"),
        ((*TRAINING, "learning_rate"), 0, "runs.gmb-bilstm.training.learning_rate", "from 1e-07 to 1", "0.0"),
        ((*TRAINING, "learning_rate"), 2, "runs.gmb-bilstm.training.learning_rate", "from 1e-07 to 1", "2.0"),
        ((*TRAINING, "clip_norm"), -1, "runs.gmb-bilstm.training.clip_norm", "from 0 to 1000000", "-1.0"),
        ((*TRAINING, "dev"), "test", "runs.gmb-bilstm.training.dev", "one of choose, train", "'test'"),
        ((*TRAINING, "schedule"), "step", "runs.gmb-bilstm.training.schedule", "constant, linear, cosine", "'step'"),
        ((*TRAINING, "ema_momentum"), 1, "runs.gmb-bilstm.training.ema_momentum", "from 0 to 0.99999", "1.0"),
        ((*TRAINING, "missed_entity_cost"), -1, "runs.gmb-bilstm.training.missed_entity_cost", "from 0 to 100", "-1.0"),
        ((*TRAINING, "word_dropout_alpha"), -1, "runs.gmb-bilstm.training.word_dropout_alpha", "from 0 to 100", "-1.0"),
        (
            (*TRAINING, "word_dropout_alpha"),
            float("nan"),
            "runs.gmb-bilstm.training.word_dropout_alpha",
            "from 0 to 100",
            "nan",
        ),
        ((*TRAINING, "dropout"), 0.1, "runs.gmb-bilstm.training.dropout", "{seed, dev, epochs, ", ""),
        ((*COMPUTE, "deterministic"), 1, "compute.deterministic", "true or false", "1"),
        ((*COMPUTE, "precision"), "float16", "compute.precision", "one of float32, ", "'float16'"),
        ((*COMPUTE, "device"), "gpu", "compute.device", "{deterministic, precision}", ""),
        # its embeddings
        ((*CRF, "embeddings"), "none", "runs.conll2003-crf.embeddings", "a list", "'none'"),
        ((*CRF, "embeddings"), ["glove"], "runs.conll2003-crf.embeddings", "some of {none, ", "'glove'"),
        ((*CRF, "embeddings"), [], "runs.conll2003-crf.embeddings", "one name, or two", "[]"),
        ((*CRF, "embeddings"), THREE, "runs.conll2003-crf.embeddings", "one name, or two", f"{THREE}"),
        ((*CRF, "embeddings"), TWICE, "runs.conll2003-crf.embeddings", "one name, or two", f"{TWICE}"),
        ((*CRF, "embeddings"), ["none", "none"], "runs.conll2003-crf.embeddings", "[none]", "['none', 'none']"),
        ((*CRF, "embeddings"), BESIDE, "runs.conll2003-crf.embeddings", "none by itself", f"{BESIDE}"),
        ((*CRF, "embeddings"), ALIKE, "runs.conll2003-crf.embeddings", "one of each", f"two vectors, {ALIKE}"),
        ((*CRF, "model", "vectors"), None, "runs.conll2003-crf.model.vectors", "embeddings names vectors", ""),
        ((*CRF, "model", "clusters"), MISSING, "runs.conll2003-crf.model.clusters", "embeddings names clusters", ""),
        ((*ONLY, "embeddings"), ["none"], "runs.anercorp-word2vec-lstm.embeddings", "nothing else tells", "['none']"),
        # what it starts from
        (("runs", "none"), {}, "runs.none.corpus", "missing key", "{}"),
        ((*FROM, "base"), "gmb-cfr", "runs.bc5cdr-crf-from-gmb.base", "one of {none, demo-news, ", "'gmb-cfr'"),
        ((*FROM, "base"), "none", "runs.bc5cdr-crf-from-gmb.transfer", "with a base, and without one not", None),
        ((*FROM, "base"), "bc5cdr-crf-from-gmb", "runs.bc5cdr-crf-from-gmb.base", "not start from bc5cdr-crf-from", ""),
        ((*FROM, "transfer"), MISSING, "runs.bc5cdr-crf-from-gmb.transfer", "with a base", "None"),
        ((*FROM, "transfer", "frozen"), ["crf"], "runs.bc5cdr-crf-from-gmb.transfer.part", "one of words, ", "'crf'"),
        ((*FROM, "transfer", "rates"), {"all": 1}, "runs.bc5cdr-crf-from-gmb.transfer.part", "one of words, ", "'all'"),
        ((*FROM, "transfer", "rates"), {"lstm": -1}, "runs.bc5cdr-crf-from-gmb.transfer.rates", "from 0", "-1.0"),
        ((*FROM, "transfer", "frozen_epochs"), -1, "runs.bc5cdr-crf-from-gmb.transfer.frozen_epochs", "from 0", "-1"),
        (("silver",), [], "silver", "names with their parameters", "[]"),
        (("silver", "GMB"), {}, "silver", "a name of a-z", "'GMB'"),
        ((*SILVER, "teacher"), MISSING, "silver.bc5cdr-silver.teacher", "{corpus, teacher, network, ", ""),
        ((*SILVER, "teacher"), "other", "silver.bc5cdr-silver.teacher", "one of {demo-news, ", "'other'"),
        ((*SILVER, "corpus"), "gmb", "silver.bc5cdr-silver.corpus", "bc5cdr, as runs.bc5cdr-crf has it", "'gmb'"),
        (
            (*SILVER, "embeddings"),
            ["none"],
            "silver.bc5cdr-silver.text",
            "that is trained here, {}",
            "'word2vec-biomedical'",
        ),
        ((*SILVER, "embeddings"), [], "silver.bc5cdr-silver.embeddings", "one name, or two", "[]"),
        ((*SILVER, "embeddings"), THREE, "silver.bc5cdr-silver.embeddings", "one name, or two", f"{THREE}"),
        ((*SILVER, "embeddings"), ["glove"], "silver.bc5cdr-silver.embeddings", "some of {none, ", "'glove'"),
        ((*SILVER, "text"), "bllip-clusters", "silver.bc5cdr-silver.text", "{word2vec-biomedical}", "'bllip-clusters'"),
        ((*SILVER, "longest"), 4, "silver.bc5cdr-silver.longest", "a number from 5 to 1000", "4"),
        ((*SILVER, "confidence"), 2, "silver.bc5cdr-silver.confidence", "a number from 0 to 1", "2.0"),
        (("language_models",), [], "language_models", "names with their parameters", "[]"),
        (("language_models", "GMB"), {}, "language_models", "a name of a-z", "'GMB'"),
        ((*CONTEXT, "run"), MISSING, "language_models.conll2003-context.run", "{corpus, run, network, ", ""),
        ((*CONTEXT, "run"), "other", "language_models.conll2003-context.run", "one of {demo-news, ", "'other'"),
        ((*CONTEXT, "run"), "conll2003-crf", "language_models.conll2003-context.run", "has context_units", None),
        (
            (*CONTEXT, "corpus"),
            "gmb",
            "language_models.conll2003-context.corpus",
            "what runs.conll2003-crf-context has, conll2003",
            "gmb",
        ),
        (
            (*CONTEXT, "text"),
            "bllip-clusters",
            "language_models.conll2003-context.text",
            "trained here, {word2vec-english}",
            "'bllip-clusters'",
        ),
        ((*CONTEXT, "longest"), 4, "language_models.conll2003-context.longest", "a number from 5 to 1000", "4"),
        (
            (*CONTEXT, "validation_every"),
            1,
            "language_models.conll2003-context.validation_every",
            "from 2 to 1000000",
            "1",
        ),
    ],
    ids=lambda value: (
        "missing" if value is MISSING else ".".join(map(str, value)) if isinstance(value, tuple) else None
    ),
)
def test_check_params_names_key_allowed_and_received(
    params: dict[str, Any], path: tuple[Any, ...], value: object, key: str, allowed: str, came: str | None
) -> None:
    """`came` is empty if the message need not say what was received, and None if that is a long record."""
    said = message(broken(params, path, value))
    assert said.startswith(f"{key}: ")
    assert "expected" in said
    assert allowed in said
    assert said.endswith(f"Received: {came}") or not came
    assert "\n" not in said


def test_check_params_refuses_a_run_on_an_unknown_corpus(params: dict[str, Any]) -> None:
    known = ", ".join(params["corpora"])
    said = message(broken(params, ("runs", "gmb-bilstm", "corpus"), "gbm"))
    assert said == f"runs.gmb-bilstm.corpus: expected one of {{{known}}}. Received: 'gbm'"


def test_check_params_refuses_a_run_on_a_corpus_taken_away(params: dict[str, Any]) -> None:
    without = broken(params, ("embeddings",), {})
    assert re.match(r"runs\.gmb-[a-z-]+\.corpus: expected one of {", message(broken(without, GMB, MISSING)))


def test_check_params_refuses_an_embedding_on_a_corpus_taken_away(params: dict[str, Any]) -> None:
    assert message(broken(params, GMB, MISSING)).startswith("embeddings.glove-6b-100d.corpora: expected some of {")


@pytest.mark.parametrize("name", ["gmb-crf", "none"])
def test_check_params_refuses_silver_with_a_name_that_is_taken(params: dict[str, Any], name: str) -> None:
    params["silver"][name] = params["silver"]["bc5cdr-silver"]
    assert message(params) == f"silver: expected a name that is no run's, nor none. Received: {name!r}"


def test_check_params_refuses_language_models_of_another_corpus(params: dict[str, Any]) -> None:
    params["runs"]["gmb-crf"] |= {"base": "conll2003-context", "transfer": params["runs"][FROM[1]]["transfer"]}
    expected = "runs.gmb-crf.base: expected language models of its own corpus, gmb"
    assert message(params) == f"{expected}. Received: 'conll2003-context', of conll2003"


LISTENING = "runs.second-context"


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("context_units", 0, "that of conll2003-context, 200. Received: 0"),
        ("lstm_units", 99, "that of conll2003-context, 150. Received: 99"),
        (
            "vectors",
            {"words": 9, "tuned": False},
            "that of conll2003-context, VectorParams(words=100000, tuned=False).",
        ),
    ],
)
def test_check_params_refuses_a_network_that_is_not_that_of_its_language_models(
    params: dict[str, Any], key: str, value: Any, expected: str
) -> None:
    """Of fewer word vectors each is longer, since they are scaled by their mean length: not what has been read."""
    params["runs"]["second-context"]["model"][key] = value
    assert message(params).startswith(f"{LISTENING}.model.{key}: expected {expected}")


def test_check_params_refuses_embeddings_that_language_models_have_not_read(params: dict[str, Any]) -> None:
    params["runs"]["second-context"]["embeddings"] = ["glove-6b-100d", "bllip-clusters"]
    expected = "expected those that conll2003-context has read, ['word2vec-english', 'bllip-clusters']"
    assert message(params) == f"{LISTENING}.embeddings: {expected}. Received: ['glove-6b-100d', 'bllip-clusters']"


def test_check_params_refuses_a_network_with_language_models_from_scratch(params: dict[str, Any]) -> None:
    run = params["runs"]["second-context"]
    run["base"] = "none"
    del run["transfer"]
    expected = "expected language models, or a run that starts from some, for model.context_units"
    assert message(params) == f"{LISTENING}.base: {expected}. Received: 'none'"


def test_check_params_refuses_a_teacher_with_language_models(params: dict[str, Any]) -> None:
    run, silver = params["runs"]["conll2003-crf-context"], params["silver"]["bc5cdr-silver"]
    silver |= {"corpus": "conll2003", "teacher": "conll2003-crf-context", "embeddings": run["embeddings"]}
    expected = "expected a run without model.context_units. Received: 'conll2003-crf-context'"
    assert message(params) == f"silver.bc5cdr-silver.teacher: {expected}"


def test_check_params_names_the_run_that_has_language_models_of_another_corpus(params: dict[str, Any]) -> None:
    params["runs"]["gmb-crf"] |= {"base": "conll2003-crf-context", "transfer": params["runs"][FROM[1]]["transfer"]}
    expected = "runs.gmb-crf.base: expected language models of its own corpus, gmb"
    received = "'conll2003-context', of conll2003, that conll2003-crf-context starts from"
    assert message(params) == f"{expected}. Received: {received}"


def test_check_params_accepts_a_run_that_starts_from_one_with_language_models(params: dict[str, Any]) -> None:
    params["runs"]["second-context"]["base"] = "conll2003-crf-context"
    check_params(params)


@pytest.mark.parametrize("name", ["gmb-crf", "bc5cdr-silver", "none"])
def test_check_params_refuses_language_models_with_a_name_that_is_taken(params: dict[str, Any], name: str) -> None:
    params["language_models"][name] = params["language_models"]["conll2003-context"]
    expected = "language_models: expected a name that is no run's, no silver's, nor none"
    assert message(params) == f"{expected}. Received: {name!r}"


def test_check_params_refuses_silver_of_another_corpus(params: dict[str, Any]) -> None:
    """Its dev and test sentences were not held out of that text."""
    params["runs"]["gmb-crf"] |= {"base": "bc5cdr-silver", "transfer": params["runs"][FROM[1]]["transfer"]}
    expected = "runs.gmb-crf.base: expected silver of its own corpus, gmb. Received: 'bc5cdr-silver', of bc5cdr"
    assert message(params) == expected


def test_check_params_accepts_a_teacher_without_embeddings(params: dict[str, Any]) -> None:
    params["runs"]["bc5cdr-crf"]["embeddings"] = ["none"]  # `dvc exp run -S`
    check_params(params)


def test_check_params_names_the_teacher_if_its_network_reads_no_vectors(params: dict[str, Any]) -> None:
    params["runs"]["bc5cdr-crf"]["embeddings"] = ["none"]
    del params["runs"]["bc5cdr-crf"]["model"]["vectors"]
    expected = "missing key; expected since silver.bc5cdr-silver.embeddings names vectors"
    assert message(params) == f"runs.bc5cdr-crf.model.vectors: {expected}"


def test_check_params_refuses_a_teacher_that_starts_from_its_own_silver(params: dict[str, Any]) -> None:
    params["runs"]["bc5cdr-crf"] |= {"base": "bc5cdr-silver", "transfer": params["runs"][FROM[1]]["transfer"]}
    assert message(params) == "runs.bc5cdr-crf.base: expected a run that does not start from bc5cdr-crf itself"


def test_check_params_refuses_bases_in_a_circle(params: dict[str, Any]) -> None:
    for name, base in (("demo-news", "demo-arabic"), ("demo-arabic", "demo-bio")):  # demo-bio starts from demo-news
        params["runs"][name] |= {"base": base, "transfer": {"frozen": [], "frozen_epochs": 0, "rates": {}}}
    said = message(params)
    assert said == "runs.demo-news.base: expected a run that does not start from demo-news itself"


def test_check_params_refuses_a_run_named_none(params: dict[str, Any]) -> None:
    params["runs"]["none"] = params["runs"]["demo-news"]
    assert message(params) == "runs: expected a name other than none, which says that a run has no base"
