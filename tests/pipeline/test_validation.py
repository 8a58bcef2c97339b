"""The committed params.yaml is valid, and each way to break it is answered in one line that names the key."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ner.core.params import ParamsError, read_yaml
from ner.pipeline.validation import SCHEMA, ParamsFile, check_params, write_schema

ROOT = Path(__file__).parents[2]
READ = read_yaml(ROOT / "params.yaml")
MISSING = type("Missing", (), {"__repr__": lambda _: "missing"})()
RELEASED = {"corpus": "gmb", "weights": "int8", "vectors": 0, "clusters": 0}
SECTIONS = "{corpora, embeddings, "

BIO = ("corpora", "demo-bio")
GMB = ("corpora", "gmb")
GMB_FILE = (*GMB, "files", "train")
CONLL = ("corpora", "conll2003")
CLUSTERS = ("embeddings", "bllip-clusters")
NETWORK = ("networks", "bilstm")
CHARACTERS = ("networks", "conll2003-crf", "characters")
TRAINING = ("training", "r1")
CRF = ("runs", "conll2003-crf")  # with vectors and clusters
ONLY = ("runs", "anercorp-word2vec-lstm")  # reads word vectors and nothing else
FROM = ("finetune", "bc5cdr-crf-from-gmb")
AFTER_STUDENT = "conll2003-crf-distilled"  # a run that starts from conll2003-distilled
STUDENT = ("distill", "bc5cdr-distilled")
OF_STUDENT = ".".join(STUDENT)
FREE = {"frozen": [], "frozen_epochs": 0, "rates": {}}
ODD = {"network": "lstm", "min_count": 1, "dimensions": 5, "features": 7, "width": 3, "longest": 9}
VECTORS = {"words": 0, "tuned": True}
ENCODER = {"context_pieces": 512, "casings": False, "dropout": 0, "rate": 0}
THREE = ["word2vec-english", "bllip-clusters", "word2vec-arabic"]
TWICE = ["bllip-clusters", "bllip-clusters"]
ALIKE = ["word2vec-english", "word2vec-arabic"]
TEACHERS = ["bc5cdr-encoder", "bc5cdr-crf", "bc5cdr-crf"]


@pytest.fixture
def params() -> dict[str, Any]:
    """What params.yaml holds, which a test may break."""
    return copy.deepcopy(READ)


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


def test_check_params_accepts_the_committed_file_and_leaves_it_as_it_is(params: dict[str, Any]) -> None:
    check_params(params)
    assert params == READ


def test_check_params_accepts_sections_without_entries() -> None:
    sections: dict[str, Any] = {name: {} for name, field in ParamsFile.model_fields.items() if field.is_required()}
    check_params(sections | {"compute": {"deterministic": True, "precision": "float32"}})


def test_schema_is_that_of_the_code(tmp_path: Path) -> None:
    write_schema(tmp_path / "schema.json")
    committed = (ROOT / SCHEMA).read_text(encoding="utf-8")
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == committed, "run `make schema`"
    assert f"$schema={SCHEMA}" in (ROOT / "params.yaml").read_text(encoding="utf-8").partition("\n")[0]
    training = json.loads(committed)["$defs"]["TrainingParams"]["properties"]
    assert training["schedule"]["enum"] == ["constant", "linear", "cosine"]
    assert training["epochs"] == {
        "description": "maximal number of epochs",
        "maximum": 1000,
        "minimum": 1,
        "title": "Epochs",
        "type": "integer",
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*GMB, "split", "dev"), 0.5),
        ((*CONLL, "split"), {"seed": 1, "dev": 0, "test": 0}),
        ((*CONLL, "split"), None),
        ((*CONLL, "columns"), {"token": 1, "tag": 2}),
        ((*GMB_FILE, "urls"), []),
        ((*GMB_FILE, "urls"), MISSING),
        ((*GMB_FILE, "urls"), ["http://127.0.0.1:8000/a.zip", "http://localhost/a.zip", "http://[::1]/a"]),
        ((*TRAINING, "learning_rate"), 1e-7),
        ((*TRAINING, "word_dropout_alpha"), 100),
        ((*TRAINING, "seed"), 2**32 - 1),
        ((*TRAINING, "clip_norm"), 0),
        ((*NETWORK, "normalisation"), []),
        ((*NETWORK, "vectors"), VECTORS),
        ((*NETWORK, "vectors"), None),
        ((*NETWORK, "encoder"), ENCODER),
        ((*CRF, "embeddings"), ["none"]),
        ((*CRF, "embeddings"), ["bllip-clusters", "word2vec-arabic"]),
        ((*CHARACTERS, "network"), "lstm"),
        ((*FROM, "transfer"), FREE),
        (("runs", "bc5cdr-crf", "embeddings"), ["none"]),  # of a teacher, by `dvc exp run -S`
        ((*STUDENT, "teachers"), ["bc5cdr-crf"]),
        ((*STUDENT, "network"), "bc5cdr-encoder"),
        ((*STUDENT, "embeddings"), ["none"]),
    ],
    ids=repr,
)
def test_check_params_accepts_what_is_allowed(params: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    check_params(broken(params, path, value))


@pytest.mark.parametrize(
    ("path", "value", "key", "allowed", "came"),
    [
        # sections and names
        (("models",), {}, "models", SECTIONS, ""),
        ((1,), {}, "1", SECTIONS, ""),
        (("corpora",), MISSING, "corpora", SECTIONS, ""),
        (("runs",), None, "runs", "keys with values", "None"),
        (("runs",), ["gmb-bilstm"], "runs", "keys with values", "['gmb-bilstm']"),
        (("embeddings", "GloVe"), {}, "embeddings", "a name of a-z", "'GloVe'"),
        (("corpora", False), {}, "corpora", "text", "False"),  # `no:` in YAML
        (("corpora", "../corpus"), {}, "corpora", "a name of a-z", "'../corpus'"),
        (("release", "run\n"), {}, "release", "a name of a-z", r"'run\n'"),
        (("corpora", "other"), None, "corpora.other", "keys with values", "None"),
        # a corpus
        ((*GMB, "langauge"), "en", "corpora.gmb.langauge", "{language, format, ", ""),
        ((*GMB, "language"), MISSING, "corpora.gmb.language", "{language, format, ", ""),
        ((*GMB, "language"), False, "corpora.gmb.language", "text", "False"),  # `no` in YAML
        ((*GMB, "format"), "csv", "corpora.gmb.format", "one of 'conll', 'kaggle-csv', ", "'csv'"),
        ((*GMB, "format"), "conll", "corpora.gmb.columns", "keys for format conll", "None"),
        ((*CONLL, "format"), "pubtator", "corpora.conll2003.columns", "none for format pubtator", None),
        ((*CONLL, "columns"), MISSING, "corpora.conll2003.columns", "keys for format conll", "None"),
        ((*CONLL, "columns", "tag"), "last", "corpora.conll2003.columns.tag", "a whole number", "'last'"),
        ((*CONLL, "columns", "tag"), MISSING, "corpora.conll2003.columns.tag", "at least {token, tag}", "{token}"),
        ((*GMB, "encoding"), "utf-9", "corpora.gmb.encoding", "one that Python knows", "'utf-9'"),
        ((*GMB, "encoding"), "hex", "corpora.gmb.encoding", "one that Python knows", "'hex'"),  # of bytes, not of text
        ((*GMB, "encoding"), "utf-8\0", "corpora.gmb.encoding", "one that Python knows", r"'utf-8\x00'"),
        ((*GMB, "tags"), None, "corpora.gmb.tags", "keys for format kaggle-csv", "None"),
        ((*GMB, "tags"), "IOB2", "corpora.gmb.tags", "keys with values", "'IOB2'"),
        ((*GMB, "tags", "scheme"), "BIO", "corpora.gmb.tags.scheme", "'IOB1', 'IOB2'", "'BIO'"),
        ((*GMB, "mentions"), {"misfit": "drop"}, "corpora.gmb.mentions", "none for format kaggle-csv", None),
        ((*BIO, "mentions"), MISSING, "corpora.demo-bio.mentions", "keys for format pubtator", "None"),
        ((*GMB, "deduplicate"), 1, "corpora.gmb.deduplicate", "true or false", "1"),
        ((*GMB, "tokens"), "spaces", "corpora.gmb.tokens", "one of 'words' or 'punctuation'", "'spaces'"),
        # its files
        ((*GMB, "files"), {}, "corpora.gmb.files", "train, and dev and test if published", "[]"),
        ((*GMB, "files"), ["a"], "corpora.gmb.files", "keys with values", "['a']"),
        ((*CONLL, "files", "train"), MISSING, "corpora.conll2003.files", "train, and dev", "['dev', 'test']"),
        ((*CONLL, "files", "dev", "path"), "a/eng.train", "corpora.conll2003.files", "distinct file names", None),
        ((*GMB_FILE, "path"), MISSING, "corpora.gmb.files.train.path", "at least {path, sha256}", ""),
        ((*GMB_FILE, "sha256"), "A" * 64, "corpora.gmb.files.train.sha256", "64 hex", f"'{'A' * 64}'"),
        ((*GMB_FILE, "sha256"), 10**63, "corpora.gmb.files.train.sha256", "text", f"{10**63}"),
        ((*GMB_FILE, "urls"), "https://a", "corpora.gmb.files.train.urls", "a list", "'https://a'"),
        ((*GMB_FILE, "urls"), ["https://a", 1], "corpora.gmb.files.train.urls[1]", "text", "1"),
        ((*GMB_FILE, "urls"), ["http://a"], "corpora.gmb.files.train.urls", "https://", "'http://a'"),
        ((*GMB_FILE, "urls"), ["file:///a"], "corpora.gmb.files.train.urls", "https://", "'file:///a'"),
        ((*GMB_FILE, "urls"), ["ftp://localhost/a"], "corpora.gmb.files.train.urls", "https://", None),
        ((*GMB_FILE, "urls"), ["https://[a"], "corpora.gmb.files.train.urls", "https://", "'https://[a'"),
        # its split
        ((*GMB, "split"), MISSING, "corpora.gmb.split.dev", "above 0, since files has no dev", "0"),
        ((*GMB, "split", "seed"), MISSING, "corpora.gmb.split.seed", "a number for order", "None, and shuffled"),
        ((*GMB, "split", "seed"), 1.5, "corpora.gmb.split.seed", "a whole number", "1.5"),
        ((*GMB, "split", "dev"), "10%", "corpora.gmb.split.dev", "a number", "'10%'"),
        ((*GMB, "split", "test"), 0, "corpora.gmb.split.test", "above 0, since files has no test", "0.0"),
        ((*GMB, "split", "dev"), 0.51, "corpora.gmb.split.dev", "0.5 or less", "0.51"),
        ((*GMB, "split"), {"seed": 1, "dev": 0.5, "test": 0.5}, "corpora.gmb.split.test", "train a tenth", None),
        ((*CONLL, "split"), {"seed": 1, "dev": 0.1, "test": 0}, "corpora.conll2003.split.dev", "files has it", "0.1"),
        # embeddings
        (("embeddings", "none"), READ["embeddings"][CLUSTERS[1]], "embeddings", "a name other than none", None),
        (("embeddings", "new"), {"a": 1}, "embeddings.new.kind", "this key", "None"),
        ((*CLUSTERS, "size"), 3, "embeddings.bllip-clusters.size", "{corpora, ", ""),
        ((*CLUSTERS, "corpora"), ["conll2004"], "embeddings.bllip-clusters.corpora", "{demo-news, ", "'conll2004'"),
        # networks and training
        ((*NETWORK, "architecture"), "cnn", "networks.bilstm.architecture", "one of 'lstm', 'bilstm', ", "'cnn'"),
        ((*NETWORK, "normalisation"), "digits", "networks.bilstm.normalisation", "a list", "'digits'"),
        ((*NETWORK, "normalisation"), ["digit"], "networks.bilstm.normalisation[0]", "'lowercase', ", "'digit'"),
        ((*NETWORK, "min_count"), 0, "networks.bilstm.min_count", "1 or more", "0"),
        ((*NETWORK, "word_dimensions"), 0, "networks.bilstm.word_dimensions", "nothing else tells words", "0"),
        ((*NETWORK, "lstm_layers"), 0, "networks.bilstm.lstm_layers", "0 for architecture crf alone", "0, bilstm"),
        ((*NETWORK, "architecture"), "crf", "networks.bilstm.lstm_layers", "0 for architecture crf alone", None),
        (
            (*NETWORK, "encoder"),
            ENCODER | {"context_pieces": 513},
            "networks.bilstm.encoder.context_pieces",
            "512 or less",
            "513",
        ),
        ((*NETWORK, "encoder"), ENCODER | {"rate": -0.1}, "networks.bilstm.encoder.rate", "0 or more", "-0.1"),
        ((*NETWORK, "characters"), ODD, "networks.bilstm.characters.features", "an even number, half for each", "7"),
        ((*TRAINING, "epochs"), 12.0, "training.r1.epochs", "a whole number", "12.0"),
        ((*TRAINING, "learning_rate"), "2e-3", "training.r1.learning_rate", "1.0e-3", "'2e-3'"),
        ((*TRAINING, "word_dropout_alpha"), float("nan"), "training.r1.word_dropout_alpha", "a finite number", "nan"),
        ((*TRAINING, "dropout"), 0.1, "training.r1.dropout", "{seed, dev, epochs, ", ""),
        (("compute", "device"), "gpu", "compute.device", "{deterministic, precision}", ""),
        # runs
        (("runs", "gmb-bilstm", "corpus"), MISSING, "runs.gmb-bilstm.corpus", "{corpus, embeddings, ", ""),
        (("runs", "gmb-bilstm", "corpus"), "gbm", "runs.gmb-bilstm.corpus", "one of {demo-news, ", "'gbm'"),
        (("runs", "gmb-bilstm", "network"), "x", "runs.gmb-bilstm.network", "one of {demo, ", "'x'"),
        (("runs", "gmb-bilstm", "model"), {}, "runs.gmb-bilstm.model", "", ""),
        (("runs", "gmb-bilstm", "base"), "demo-news", "runs.gmb-bilstm.base", "", ""),
        (("runs", "none"), READ["runs"]["demo-news"], "runs", "a name other than none", None),
        (GMB, MISSING, f"embeddings.{next(iter(READ['embeddings']))}.corpora", "one of {demo-news, ", "'gmb'"),
        ((*CRF, "embeddings"), "none", "runs.conll2003-crf.embeddings", "a list", "'none'"),
        ((*CRF, "embeddings"), ["glove"], "runs.conll2003-crf.embeddings", "one of {none, ", "'glove'"),
        ((*CRF, "embeddings"), [], "runs.conll2003-crf.embeddings", "one name, or two", "[]"),
        ((*CRF, "embeddings"), THREE, "runs.conll2003-crf.embeddings", "one name, or two", f"{THREE}"),
        ((*CRF, "embeddings"), TWICE, "runs.conll2003-crf.embeddings", "one name, or two", f"{TWICE}"),
        ((*CRF, "embeddings"), ["none", "bllip-clusters"], "runs.conll2003-crf.embeddings", "none by itself", None),
        ((*CRF, "embeddings"), ALIKE, "runs.conll2003-crf.embeddings", "different kinds", f"two vectors, {ALIKE}"),
        ((*CRF, "embeddings"), ["minilm-l6"], "runs.conll2003-crf.network", "one with encoder", ""),
        ((*CRF, "network"), "bilstm", "runs.conll2003-crf.network", "one with vectors", ""),
        ((*ONLY, "embeddings"), ["none"], "runs.anercorp-word2vec-lstm.embeddings", "nothing else tells", "['none']"),
        # what they start from
        ((*FROM, "base"), "gmb-cfr", "runs.bc5cdr-crf-from-gmb.base", "one of {none, demo-news, ", "'gmb-cfr'"),
        ((*FROM, "base"), MISSING, "finetune.bc5cdr-crf-from-gmb.base", "", ""),
        ((*FROM, "base"), FROM[1], "runs.bc5cdr-crf-from-gmb.base", f"does not start from {FROM[1]} itself", None),
        ((*FROM, "base"), "conll2003-distilled", "runs.bc5cdr-crf-from-gmb.base", "its own corpus, bc5cdr", None),
        ((*FROM, "transfer"), MISSING, "finetune.bc5cdr-crf-from-gmb.transfer", "missing key", None),
        ((*FROM, "transfer", "frozen"), ["crf"], "finetune.bc5cdr-crf-from-gmb.transfer.frozen[0]", "'words'", "'crf'"),
        ((*FROM, "transfer", "rates"), {"all": 1}, "finetune.bc5cdr-crf-from-gmb.transfer.rates", "'words'", "'all'"),
        (("finetune", "gmb-crf"), READ["finetune"][FROM[1]], "finetune.gmb-crf", "not one of `runs`", "'gmb-crf'"),
        # distillation
        (("distill",), [], "distill", "keys with values", "[]"),
        (("distill", "gmb-crf"), READ["distill"][STUDENT[1]], "distill", "a name that nothing else has", "'gmb-crf'"),
        ((*STUDENT, "teachers"), ["other"], f"{OF_STUDENT}.teachers", "one of {demo-news, ", "'other'"),
        ((*STUDENT, "teachers"), "bc5cdr-crf", f"{OF_STUDENT}.teachers", "a list", "'bc5cdr-crf'"),
        ((*STUDENT, "teachers"), [], f"{OF_STUDENT}.teachers", "one run, or two", "[]"),
        ((*STUDENT, "teachers"), TEACHERS, f"{OF_STUDENT}.teachers", "one run, or two", f"{TEACHERS}"),
        ((*STUDENT, "teachers"), TEACHERS[1:], f"{OF_STUDENT}.teachers", "one run, or two", f"{TEACHERS[1:]}"),
        (
            (*STUDENT, "teachers"),
            ["bc5cdr-crf", "gmb-crf"],
            f"{OF_STUDENT}.corpus",
            "'gmb', as runs.gmb-crf",
            "'bc5cdr'",
        ),
        ((*STUDENT, "corpus"), "gmb", f"{OF_STUDENT}.corpus", "'bc5cdr', as runs.bc5cdr-encoder has it", "'gmb'"),
        ((*STUDENT, "network"), "other", f"{OF_STUDENT}.network", "one of {demo, ", "'other'"),
        ((*STUDENT, "network"), "bilstm", f"{OF_STUDENT}.network", "one with vectors", ""),
        ((*STUDENT, "embeddings"), ALIKE, f"{OF_STUDENT}.embeddings", "different kinds", f"two vectors, {ALIKE}"),
        ((*STUDENT, "embeddings"), [], f"{OF_STUDENT}.embeddings", "one name, or two", "[]"),
        ((*STUDENT, "text"), "bllip-clusters", f"{OF_STUDENT}.text", "an embedding that is trained here, {", None),
        ((*STUDENT, "text"), "other", f"{OF_STUDENT}.text", "word2vec-biomedical}", "'other'"),
        ((*STUDENT, "lines"), 0, f"{OF_STUDENT}.lines", "1 or more", "0"),
        ((*STUDENT, "longest"), 4, f"{OF_STUDENT}.longest", "5 or more", "4"),
        # released taggers
        (("release", "nope"), RELEASED, "release", "one of {demo-news, ", "'nope'"),
        (
            ("release", "gmb-crf", "corpus"),
            "bc5cdr",
            "release.gmb-crf.corpus",
            "'gmb', as runs.gmb-crf has",
            "'bc5cdr'",
        ),
        (("release", "gmb-crf", "weights"), "int4", "release.gmb-crf.weights", "'float32' or 'int8'", "'int4'"),
    ],
    ids=lambda value: (
        "missing" if value is MISSING else ".".join(map(str, value)) if isinstance(value, tuple) else None
    ),
)
def test_check_params_names_key_allowed_and_received(
    params: dict[str, Any], path: tuple[Any, ...], value: object, key: str, allowed: str, came: str | None
) -> None:
    """`came` is empty if the message need not say what was received, and None if that is long."""
    said = message(broken(params, path, value))
    assert said.startswith(f"{key}: ")
    assert allowed in said
    assert said.endswith(f"Received: {came}") or not came
    assert "\n" not in said


def test_check_params_refuses_bases_in_a_circle(params: dict[str, Any]) -> None:
    for name, base in (("first", "second"), ("second", "first")):
        params["finetune"][name] = READ["finetune"]["demo-bio"] | {"base": base}
    assert message(params) == "runs.first.base: expected a run that does not start from first itself"


def test_check_params_refuses_a_run_that_only_leads_into_a_circle(params: dict[str, Any]) -> None:
    for name, base in (("before", "first"), ("first", "second"), ("second", "first")):
        params["finetune"][name] = READ["finetune"]["demo-bio"] | {"base": base}
    assert message(params) == "runs.first.base: expected a run that does not start from first itself"


@pytest.mark.parametrize("teacher", READ["distill"][STUDENT[1]]["teachers"])
def test_check_params_refuses_a_teacher_that_starts_from_its_own_student(params: dict[str, Any], teacher: str) -> None:
    params["finetune"][teacher] = params["runs"].pop(teacher) | {"base": STUDENT[1], "transfer": FREE}
    assert message(params).endswith(f".base: expected a run that does not start from {teacher} itself")


def test_check_params_accepts_a_teacher_that_starts_from_another_student(params: dict[str, Any]) -> None:
    params["distill"]["second"] = READ["distill"][STUDENT[1]] | {"teachers": ["bc5cdr-crf-distilled"]}
    params["finetune"]["second-run"] = READ["finetune"]["bc5cdr-crf-distilled"] | {"base": "second"}
    check_params(params)


def test_check_params_accepts_a_run_that_starts_from_one_with_a_student(params: dict[str, Any]) -> None:
    params["finetune"]["second"] = READ["finetune"][AFTER_STUDENT] | {"base": AFTER_STUDENT}
    check_params(params)
    params["finetune"]["second"] |= {"corpus": "gmb"}
    received = f"'conll2003-distilled', of conll2003, that {AFTER_STUDENT} starts from"
    assert message(params) == f"runs.second.base: expected one of its own corpus, gmb. Received: {received}"
