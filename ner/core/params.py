"""params.yaml -> checked, frozen pydantic models: unknown keys, missing keys and wrong values are errors.

Each model declares its own limits. `build` makes a model from values of YAML and reports the first error in one line.
"""

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import pydantic
import yaml
from pydantic_core import core_schema

from ner.core.errors import NerError

PARAMS = Path("params.yaml")
# Names become file names, stage names and plot ids.
Name = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Seed = Annotated[int, pydantic.Field(ge=0, le=2**32 - 1)]

_EXPECTED = {  # type of a pydantic error -> what was expected, as our messages say it
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number (YAML reads 1e-3 as text: write 1.0e-3)",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "mapping_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "too_short": "a list of {min_length} or more",
    "too_long": "a list of at most {max_length}",
    "literal_error": "one of {expected}",
    "union_tag_invalid": "one of {expected_tags}",
    "union_tag_not_found": "this key",
    "string_pattern_mismatch": "a name of a-z, 0-9 and single hyphens",
}


LONGEST_SHOWN, LONGEST_MESSAGE = 200, 1_000  # characters of a value that a message shows, and of all of it
MOST_VALUES = 100_000  # in params.yaml, those that aliases repeat included


class ParamsError(NerError):
    """Error in params.yaml, in one line: the key, what is allowed there, what came."""

    def __init__(self, message: str) -> None:
        cut = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}..."
        super().__init__(cut.replace("\r", "\\r").replace("\n", "\\n"))


class Params(pydantic.BaseModel):
    """Base model of a section of params.yaml or a part of one: strict types, no unknown keys, immutable.

    A validator that a subclass adds raises ValueError with a message that begins with the key and a colon.
    """

    model_config = pydantic.ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _check_keys(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        for name in value:
            if name not in cls.model_fields:
                raise ValueError(f"{name}: unknown key; expected one of {braced(cls.model_fields)}")
        needed = [name for name, field in cls.model_fields.items() if field.is_required()]
        for name in needed:
            if name not in value:
                raise ValueError(f"{name}: missing key; expected at least {braced(needed)}. Received: {braced(value)}")
        return {name: tuple(one) if isinstance(one, list) else one for name, one in value.items()}

    def replace(self, **changes: Any) -> Self:
        """Copy the model with some values changed; the changed values are validated too."""
        return type(self)(**(dict(self) | changes))


Record = TypeVar("Record", bound=pydantic.BaseModel)


class OneOf:
    """Annotation that allows only the given names: `Annotated[str, OneOf(FORMATS)]`."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.literal_schema(self.names)


def read_yaml(path: Path = PARAMS) -> dict[str, Any]:
    """Read the file into plain Python values, without resolving its runs.

    Raises:
        ParamsError: the file is missing, is not YAML, is not a mapping, or repeats a key.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except FileNotFoundError:
        raise ParamsError(f"{path}: expected this file in the current directory; run from the project's top") from None
    except RecursionError:
        raise ParamsError(f"{path}: expected YAML. Received: too many lists or keys within each other") from None
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:  # such as 2024-13-45, and !!bool of it
        raise ParamsError(f"{path}: expected YAML. Received: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ParamsError(f"{path}: expected sections. Received: {shown(content)}")
    return content


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """Read the file and resolve its runs; raises ParamsError as `read_yaml` and `resolve` do."""
    return resolve(read_yaml(path))


def resolve(content: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the sections `runs` and `finetune` into one, `runs`, and replace the presets that each run names.

    A run's `network` and `training` name entries of the sections `networks` and `training`. A resolved run holds the
    contents of these entries as `model` and `training`, and the shared section `compute`. Its `base` is `none` if it is
    trained from scratch.

    >>> presets = {"networks": {"small": {"lstm_units": 5}}, "training": {"long": {"epochs": 9}}, "compute": {}}
    >>> run = {"corpus": "mine", "network": "small", "training": "long"}
    >>> resolve(presets | {"runs": {"one": run}})["runs"]
    {'one': {'base': 'none', 'corpus': 'mine', 'training': {'epochs': 9}, 'model': {'lstm_units': 5}, 'compute': {}}}

    Raises:
        ParamsError: a run names an entry that does not exist, a run with a base is not in `finetune`, one without a
            base not in `runs`, or a name is in both sections.
    """
    resolved = {name: value for name, value in content.items() if name != "finetune"}
    runs: dict[str, Any] = {}
    for section in ("runs", "finetune"):
        entries = content.get(section) or {}
        if not isinstance(entries, Mapping):
            raise ParamsError(f"{section}: expected keys with values. Received: {shown(entries)}")
        for name, entry in entries.items():
            if name in runs:
                raise ParamsError(f"{section}.{name}: expected a name that is not one of `runs`. Received: {name!r}")
            runs[name] = _resolve_run(content, f"{section}.{name}", entry)
    return resolved | ({"runs": runs} if "runs" in content else {})


def own_key(content: Mapping[str, Any], run: str, key: str) -> str:
    """Translate a key of a resolved run into the dotted key under which params.yaml itself has the value.

    >>> content = {"runs": {}, "finetune": {"one": {"network": "small", "training": "long"}}}
    >>> [own_key(content, "one", key) for key in ("model.lstm_units", "training.seed", "corpus")]
    ['networks.small.lstm_units', 'training.long.seed', 'finetune.one.corpus']
    """
    section = "finetune" if run in content.get("finetune", {}) else "runs"
    entry = lookup(content, section, run)
    part, _, rest = key.partition(".")
    presets = {"model": f"networks.{entry.get('network')}", "training": f"training.{entry.get('training')}"}
    return f"{presets[part]}.{rest}" if rest and part in presets else f"{section}.{run}.{key}"


def _resolve_run(content: Mapping[str, Any], key: str, entry: Any) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise ParamsError(f"{key}: expected keys with values. Received: {shown(entry)}")
    if key.startswith("runs.") and "base" in entry:
        raise ParamsError(f"{key}.base: unknown key; a run with a base is an entry of `finetune`")
    if key.startswith("finetune.") and "base" not in entry:
        raise ParamsError(f"{key}.base: missing key; a run without a base is an entry of `runs`")
    for part in ("model", "compute"):
        if part in entry:
            raise ParamsError(f"{key}.{part}: unknown key; use `network: NAME`, and the shared section `compute`")
    run = {"base": "none", **entry}
    for part, section, name in (("model", "networks", "network"), ("training", "training", "training")):
        presets = content.get(section)
        if name not in entry:
            raise ParamsError(f"{key}.{name}: missing key; expected one of {braced(presets)}")
        if not isinstance(presets, Mapping) or entry[name] not in [*presets]:
            raise ParamsError(f"{key}.{name}: expected one of {braced(presets)}. Received: {shown(entry[name])}")
        run[part] = copy.deepcopy(presets[entry[name]])
    run.pop("network")
    return run | {"compute": content.get("compute")}


def lookup(params: Mapping[str, Any], *keys: str) -> Any:
    """Return the value at nested `keys`; if one is missing, raise ParamsError that lists the names that exist."""
    value: Any = params
    for depth, key in enumerate(keys):
        if not isinstance(value, Mapping) or key not in value:
            where = ".".join(keys[:depth]) or str(PARAMS)
            raise ParamsError(f"{where}: expected one of {braced(value)}. Received: {key!r}")
        value = value[key]
    return value


def build(record: type[Record], value: Any, key: str = "") -> Record:
    """Validate plain values from YAML as a model.

    Args:
        record: the model's class.
        value: plain values.
        key: the dotted key of `value`, for messages; empty for the whole file.

    Raises:
        ParamsError: an unknown or missing key, a value of the wrong type, or one that the model does not allow.
    """
    try:
        return record.model_validate(value)
    except pydantic.ValidationError as errors:
        raise ParamsError(_explain(errors.errors()[0], value, key)) from None


def shown(value: object) -> str:
    """Format a value for a message: as `repr` does, and at most LONGEST_SHOWN characters of that."""
    try:
        text = repr(value)
    except ValueError:
        text = "a number of thousands of digits"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def braced(names: Any) -> str:
    """Format the names of a mapping or list for messages: `{one, two}`."""
    return "{" + ", ".join(map(str, names)) + "}" if isinstance(names, (Mapping, list)) else shown(names)


def _explain(error: Any, value: Any, key: str) -> str:
    """Turn a pydantic error into one line: the key, what is allowed, what came."""
    is_name = error["loc"][-1:] == ("[key]",)  # the error is in a key of a mapping, which is the part before
    for part in error["loc"][:-2] if is_name else error["loc"]:
        if isinstance(value, (list, tuple)) and isinstance(part, int):
            key, value = f"{key}[{part}]", value[part]
        elif isinstance(value, Mapping) and part in value:  # the tag of a union is no key of `value`
            key, value = f"{key}.{part}" if key else str(part), value[part]
    if error["type"] == "value_error":  # raised by a validator of this project
        return f"{key}.{error['ctx']['error']}".removeprefix(".")
    if error["type"].startswith("union_tag"):
        key = f"{key}.{error['ctx']['discriminator'].strip(chr(39))}"
        return (
            f"{key}: expected {_EXPECTED[error['type']].format(**error['ctx'])}. Received: {error['ctx'].get('tag')!r}"
        )
    expected = _EXPECTED.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return f"{key}: expected {expected}. Received: {shown(error['input'] if is_name else value)}"


class _UniqueKeys(yaml.SafeLoader):
    """YAML loader that refuses a repeated key, where PyYAML's own keeps the last value, and too many values."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._values = 0  # so far
        self._sizes: dict[int, int] = {}  # values within each node, by its id

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Count a value each time that an alias repeats it, for ten lines of aliases may stand for billions."""
        is_alias, before = self.check_event(yaml.AliasEvent), self._values
        node: Any = super().compose_node(parent, index)
        self._values += self._sizes.get(id(node), MOST_VALUES) if is_alias else 1  # unknown if it is within itself
        if self._values > MOST_VALUES:
            problem = f"more than {MOST_VALUES:,} values, with those that aliases repeat"
            raise yaml.composer.ComposerError(None, None, problem, node.start_mark)
        self._sizes.setdefault(id(node), self._values - before)
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.composer.ComposerError(None, None, f"{key.value!r} stands twice", key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        return node
