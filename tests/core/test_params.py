"""params.yaml -> models: what is accepted; every error is one line with the key, what is allowed, what came."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pydantic
import pytest

from ner.core.params import Name, OneOf, Params, ParamsError, build, lookup, read_params, read_yaml, resolve


class Inner(Params):
    rate: float = pydantic.Field(ge=0, le=1)
    kind: Literal["a", "b"] = "a"


class Even(Params):
    form: Literal["even"]
    number: int

    @pydantic.model_validator(mode="after")
    def _check(self) -> Self:
        if self.number % 2:
            raise ValueError(f"number: expected an even one. Received: {self.number}")
        return self


class Odd(Params):
    form: Literal["odd"]


class Outer(Params):
    name: str
    count: int
    share: float
    exact: bool
    words: tuple[str, ...]
    inners: tuple[Inner, ...]
    named: Mapping[Name, Inner]
    inner: Inner
    maybe: Inner | None = None
    extra: tuple[str, ...] = ()
    chosen: Annotated[str, OneOf({"x": 1, "y": 2})] = "x"
    either: Annotated[Even | Odd, pydantic.Field(discriminator="form")] | None = None


def plain() -> dict[str, Any]:
    """Build the plain values of a valid Outer, as YAML gives them."""
    return {
        "name": "x",
        "count": 3,
        "share": 0.5,
        "exact": True,
        "words": ["one", "two"],
        "inners": [{"rate": 0.25}],
        "named": {"first": {"rate": 0.75, "kind": "b"}},
        "inner": {"rate": 1.0},
    }


def test_build_makes_nested_records() -> None:
    assert build(Outer, plain(), "runs.x") == Outer(
        name="x",
        count=3,
        share=0.5,
        exact=True,
        words=("one", "two"),
        inners=(Inner(rate=0.25),),
        named={"first": Inner(rate=0.75, kind="b")},
        inner=Inner(rate=1.0),
        maybe=None,
        extra=(),
    )


def test_build_makes_frozen_records() -> None:
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        build(Inner, {"rate": 0.5}, "inner").rate = 0.1  # type: ignore[misc]


def test_replace_checks_what_it_changes() -> None:
    inner = Inner(rate=0.5, kind="b")
    assert inner.replace(rate=1) == Inner(rate=1.0, kind="b")
    with pytest.raises(ValueError, match="less than or equal to 1"):
        inner.replace(rate=2.0)


def test_build_takes_a_whole_number_for_a_fraction() -> None:
    rate = build(Inner, {"rate": 1}, "inner").rate
    assert (rate, type(rate)) == (1.0, float)


@pytest.mark.parametrize(("value", "expected"), [(None, None), ({"rate": 0.5}, Inner(rate=0.5))])
def test_build_takes_an_optional_record_or_nothing(value: object, expected: Inner | None) -> None:
    assert build(Outer, plain() | {"maybe": value}, "runs.x").maybe == expected


@pytest.mark.parametrize(
    ("changes", "key", "allowed", "came"),
    [
        # a key
        ({"nmae": "x"}, "runs.x.nmae", "{name, count, share, ", ""),
        ({1: "x"}, "runs.x.1", "{name, count, share, ", ""),
        ({"inner": {"rate": 1, "typo": 1}}, "runs.x.inner.typo", "{rate, kind}", ""),
        ({"inner": {"kind": "a"}}, "runs.x.inner.rate", "{rate}", "{kind}"),
        ({"inner": {}}, "runs.x.inner.rate", "{rate}", "{}"),
        ({"inner": None}, "runs.x.inner", "keys with values", "None"),
        ({"inner": [1]}, "runs.x.inner", "keys with values", "[1]"),
        ({"inner": "text"}, "runs.x.inner", "keys with values", "'text'"),
        ({"maybe": {"kind": "a"}}, "runs.x.maybe.rate", "{rate}", "{kind}"),
        ({"maybe": False}, "runs.x.maybe", "keys with values", "False"),
        # text
        ({"name": 3}, "runs.x.name", "text", "3"),
        ({"name": True}, "runs.x.name", "text", "True"),
        ({"name": None}, "runs.x.name", "text", "None"),
        ({"name": ["x"]}, "runs.x.name", "text", "['x']"),
        # a whole number
        ({"count": "3"}, "runs.x.count", "a whole number", "'3'"),
        ({"count": 3.0}, "runs.x.count", "a whole number", "3.0"),
        ({"count": True}, "runs.x.count", "a whole number", "True"),
        ({"count": None}, "runs.x.count", "a whole number", "None"),
        # a number
        ({"share": "1e-3"}, "runs.x.share", "a number (YAML reads 1e-3 as text: write 1.0e-3)", "'1e-3'"),
        ({"share": False}, "runs.x.share", "a number", "False"),
        ({"share": None}, "runs.x.share", "a number", "None"),
        ({"share": {"a": 1}}, "runs.x.share", "a number", "{'a': 1}"),
        # true or false
        ({"exact": 1}, "runs.x.exact", "true or false", "1"),
        ({"exact": "yes"}, "runs.x.exact", "true or false", "'yes'"),
        ({"exact": None}, "runs.x.exact", "true or false", "None"),
        # a list
        ({"words": "one"}, "runs.x.words", "a list", "'one'"),
        ({"words": None}, "runs.x.words", "a list", "None"),
        ({"words": {"one": 1}}, "runs.x.words", "a list", "{'one': 1}"),
        ({"words": ["one", 2]}, "runs.x.words[1]", "text", "2"),
        ({"inners": [{"rate": 1}, {"rate": 2}]}, "runs.x.inners[1].rate", "1.0 or less", "2"),
        # names with values
        ({"named": ["first"]}, "runs.x.named", "keys with values", "['first']"),
        ({"named": None}, "runs.x.named", "keys with values", "None"),
        ({"named": {"first": None}}, "runs.x.named.first", "keys with values", "None"),
        ({"named": {"first": {"rate": "x"}}}, "runs.x.named.first.rate", "a number", "'x'"),
        # what a record refuses
        ({"inner": {"rate": 1.5}}, "runs.x.inner.rate", "1.0 or less", "1.5"),
        ({"inner": {"rate": -0.1}}, "runs.x.inner.rate", "0.0 or more", "-0.1"),
        ({"inner": {"rate": float("nan")}}, "runs.x.inner.rate", "a finite number", "nan"),
        ({"inner": {"rate": 1, "kind": "c"}}, "runs.x.inner.kind", "one of 'a' or 'b'", "'c'"),
        ({"named": {"first": {"rate": 9}}}, "runs.x.named.first.rate", "1.0 or less", "9"),
        ({"maybe": {"rate": 9}}, "runs.x.maybe.rate", "1.0 or less", "9"),
        ({"chosen": "z"}, "runs.x.chosen", "one of 'x' or 'y'", "'z'"),
        ({"named": {"Ümlaut": {"rate": 1}}}, "runs.x.named", "a name of a-z, 0-9 and single hyphens", "'Ümlaut'"),
        ({"either": {"form": "even", "number": 3}}, "runs.x.either.number", "an even one", "3"),
        ({"either": {"form": "even", "number": "3"}}, "runs.x.either.number", "a whole number", "'3'"),
        ({"either": {"form": "even"}}, "runs.x.either.number", "{form, number}", "{form}"),
        ({"either": {"form": "new"}}, "runs.x.either.form", "one of 'even', 'odd'", "'new'"),
        ({"either": {"number": 1}}, "runs.x.either.form", "this key", "None"),
        ({"either": 3}, "runs.x.either", "keys with values", "3"),
        # more than a line
        ({"name": 1, "a\nb": 2}, "runs.x.a", "{name, count, share, ", ""),
        ({"count": "a\nb"}, "runs.x.count", "a whole number", r"'a\nb'"),
    ],
    ids=repr,
)
def test_build_names_key_allowed_and_received(changes: dict[Any, Any], key: str, allowed: str, came: str) -> None:
    with pytest.raises(ParamsError) as error:
        build(Outer, plain() | changes, "runs.x")
    message = str(error.value)
    assert re.match(rf"{re.escape(key)}(: |\W)", message)
    assert any(f"expected {words}{allowed}" in message for words in ("", "one of ", "at least "))
    assert message.endswith(f"Received: {came}") or not came
    assert "\n" not in message


@pytest.mark.parametrize("value", [None, [], "text", 3], ids=repr)
def test_build_needs_a_mapping(value: object) -> None:
    with pytest.raises(ParamsError) as error:
        build(Inner, value, "runs.x")
    assert str(error.value) == f"runs.x: expected keys with values. Received: {value!r}"


@pytest.mark.parametrize("name", list(plain()))
def test_build_needs_every_key_without_default(name: str) -> None:
    value = plain()
    del value[name]
    with pytest.raises(ParamsError) as error:
        build(Outer, value, "runs.x")
    needed, given = ", ".join(plain()), ", ".join(value)
    assert str(error.value) == f"runs.x.{name}: missing key; expected at least {{{needed}}}. Received: {{{given}}}"


PARAMS = {"runs": {"one": {"training": {"seed": 1}}, "two": {}}, "corpora": {}}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), PARAMS),
        (("corpora",), {}),
        (("runs", "one"), {"training": {"seed": 1}}),
        (("runs", "one", "training", "seed"), 1),
    ],
)
def test_lookup_returns_the_value(keys: tuple[str, ...], expected: object) -> None:
    assert lookup(PARAMS, *keys) == expected


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (("run",), "params.yaml: expected one of {runs, corpora}. Received: 'run'"),
        (("runs", "three"), "runs: expected one of {one, two}. Received: 'three'"),
        (("runs", "one", "model"), "runs.one: expected one of {training}. Received: 'model'"),
        (("corpora", "gmb"), "corpora: expected one of {}. Received: 'gmb'"),
        (("runs", "one", "training", "seed", "x"), "runs.one.training.seed: expected one of 1. Received: 'x'"),
    ],
)
def test_lookup_answers_with_the_names_there_are(keys: tuple[str, ...], message: str) -> None:
    with pytest.raises(ParamsError) as error:
        lookup(PARAMS, *keys)
    assert str(error.value) == message


class Named(Params):
    named: Name


@pytest.mark.parametrize("name", ["gmb", "conll2003-bilstm", "a", "7", "a-b-c-1"])
def test_name_may_be(name: str) -> None:
    assert build(Named, {"named": name}).named == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "a_b", "a--b", "-a", "a-", "a b", "a.b", "a/b", "../a", "a\n", "é", "٣"],
    ids=ascii,
)
def test_name_may_not_be(name: object) -> None:
    with pytest.raises(ParamsError) as error:
        build(Named, {"named": name})
    assert str(error.value) == f"named: expected a name of a-z, 0-9 and single hyphens. Received: {name!r}"


def written(directory: Path, content: str | bytes) -> Path:
    path = directory / "params.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_read_params_returns_plain_values(tmp_path: Path) -> None:
    path = written(
        tmp_path, "corpora:\n  one: {seed: 1, rate: 1.0e-3, exact: true, name: Åmot, none: }\nembeddings: {}\n"
    )
    assert read_yaml(path) == {
        "corpora": {"one": {"seed": 1, "rate": 0.001, "exact": True, "name": "Åmot", "none": None}},
        "embeddings": {},
    }


def test_read_params_leaves_1e_3_as_text_for_build_to_refuse(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"^inner\.rate: .*write 1\.0e-3\)\. Received: '1e-3'$"):
        build(Inner, read_yaml(written(tmp_path, "rate: 1e-3\n")), "inner")


def test_read_params_lets_a_key_override_a_merged_one(tmp_path: Path) -> None:
    path = written(tmp_path, "base: &base {seed: 1, rate: 2}\nother: {<<: *base, seed: 3}\n")
    assert read_yaml(path)["other"] == {"seed": 3, "rate": 2}


def test_read_params_lets_a_merged_mapping_be_merged(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "base: &base {seed: 1}\nentries:\n  one: {training: &long {<<: *base, seed: 2}}\nlast: {<<: *long, seed: 3}\n",
    )
    assert read_yaml(path)["last"] == {"seed": 3}


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))


@pytest.mark.parametrize(
    ("content", "expected", "came"),
    [
        ("", "sections", "None"),
        ("- a\n- b\n", "sections", r"\['a', 'b'\]"),
        ("just text\n", "sections", "'just text'"),
        ("runs: [1, 2\n", "YAML", ".*line 2.*"),
        ("runs: {a: 1}\nruns: {b: 2}\n", "YAML", "'runs' stands twice .*"),
        ("runs:\n  a: {seed: 1, rate: 2, seed: 3}\n", "YAML", "'seed' stands twice .*line 2, .*"),
        ("runs: {one: &x {a: 1}, two: {<<: *x, <<: *x}}\n", "YAML", "'<<' stands twice .*"),
        ("? [a, b]\n: 1\n", "YAML", ".*unhashable key.*"),
        ("runs: !!python/name:os.system\n", "YAML", ".*could not determine a constructor.*"),
        (b"runs: {name: \xc5mot}\n", "YAML", ".*"),
        ("runs: {seed: 2024-13-45}\n", "YAML", ".*"),
        ("runs: !!bool x\n", "YAML", "'x'"),
        ("runs: !!int ''\n", "YAML", ".*"),
        ("runs: !!timestamp x\n", "YAML", ".*"),
        (f"runs: {'1' * 5_000}\n", "YAML", ".*4300 digits.*"),
        (f"runs: {'[' * 900}{']' * 900}\n", "YAML", "too many lists or keys within each other"),
        (LAUGHS, "YAML", "more than 100,000 values, with those that aliases repeat .*"),
        (f"- {LAUGHS[:-1]}".replace("\n", "\n  "), "YAML", "more than 100,000 values, .*"),
        ("runs: &runs [*runs]\n", "YAML", "more than 100,000 values, .*"),
        ("x" * 100_000, "sections", f"'{'x' * 199}[.][.][.]"),
    ],
    ids=ascii,
)
def test_read_params_refuses_what_is_no_mapping_of_sections(
    tmp_path: Path, content: str | bytes, expected: str, came: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ParamsError, match=rf"^{re.escape(str(path))}: expected {expected}. Received: {came}$"):
        read_params(path)


DEEP = list[Any]()
for _ in range(300):
    DEEP = [DEEP]


@pytest.mark.parametrize("value", ["x" * 100_000, ["x"] * 100_000, 10**400, 16**5_000, DEEP], ids=lambda _: "")
@pytest.mark.parametrize("key", ["rate", "kind", "x" * 10_000])
def test_build_shows_the_beginning_of_a_long_value(key: str, value: object) -> None:
    with pytest.raises(ParamsError) as error:
        build(Inner, {"rate": 1, key: value}, "inner")
    assert str(error.value).startswith(f"inner.{key}"[:1_000])
    assert len(str(error.value)) <= 1_003


@pytest.mark.parametrize("section", ["networks", "runs", "finetune"])
@pytest.mark.parametrize("value", [16**5_000, DEEP, [["demo"]], {"a": {"network": ["demo"]}}], ids=lambda _: "")
def test_resolve_refuses_values_of_any_kind(section: str, value: object) -> None:
    runs = {"one": {"network": "demo", "training": "demo"}}
    with pytest.raises(ParamsError, match=r"expected|missing key"):
        resolve({"networks": {"demo": {}}, "training": {"demo": {}}, "runs": runs, section: value})


def test_read_params_says_where_to_run_if_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"params\.yaml: expected this file .*run from the project's top$"):
        read_params(tmp_path / "params.yaml")
