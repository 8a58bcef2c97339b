"""params.yaml -> frozen pydantic models, checked: every key is known, none is missing, every value is allowed.

A model states its own limits; `build` makes any of them from YAML and says in one line where it went wrong.
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

_EXPECTED = {  # kinds of errors of pydantic
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


class ParamsError(NerError):
    """One line: the key, what is allowed there, what came."""

    def __init__(self, message: str) -> None:
        super().__init__(message.replace("\r", "\\r").replace("\n", "\\n"))


class Params(pydantic.BaseModel):
    """A section of params.yaml, or a part of one: types are exact, keys are all known, nothing can be changed.

    A check of more than one key raises ValueError with a message that begins with the key and a colon.
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
        """Copy the model with other values for some keys, checked as the others were."""
        return type(self)(**(dict(self) | changes))


Record = TypeVar("Record", bound=pydantic.BaseModel)


class OneOf:
    """Allow only some names, in an annotation: `Annotated[str, OneOf(FORMATS)]`."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.literal_schema(self.names)


def read_yaml(path: Path = PARAMS) -> dict[str, Any]:
    """Read the file as it is written, as plain values.

    Raises:
        ParamsError: the file is not YAML, is no mapping, or repeats a key.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except FileNotFoundError:
        raise ParamsError(f"{path}: expected this file in the current directory; run from the project's top") from None
    except (yaml.YAMLError, ValueError) as error:  # such as bytes that are not UTF-8, or 2024-13-45
        raise ParamsError(f"{path}: expected YAML. Received: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ParamsError(f"{path}: expected sections. Received: {content!r}")
    return content


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """Read the file and resolve its runs; raises ParamsError as `read_yaml` and `resolve` do."""
    return resolve(read_yaml(path))


def resolve(content: Mapping[str, Any]) -> dict[str, Any]:
    """Merge `runs` and `finetune` into one section, `runs`, each run with all that it names.

    A run's `network` and `training` are names of entries of `networks` and `training`; in their place stand `model` and
    `training` with what these hold, beside `compute`, which all runs share. A run from scratch has the base `none`.

    >>> presets = {"networks": {"small": {"lstm_units": 5}}, "training": {"long": {"epochs": 9}}, "compute": {}}
    >>> run = {"corpus": "mine", "network": "small", "training": "long"}
    >>> resolve(presets | {"runs": {"one": run}})["runs"]
    {'one': {'base': 'none', 'corpus': 'mine', 'training': {'epochs': 9}, 'model': {'lstm_units': 5}, 'compute': {}}}

    Raises:
        ParamsError: a run names an entry that is not there, is in the wrong one of the two sections, or in both.
    """
    resolved = {name: value for name, value in content.items() if name != "finetune"}
    runs: dict[str, Any] = {}
    for section in ("runs", "finetune"):
        entries = content.get(section) or {}
        if not isinstance(entries, Mapping):
            raise ParamsError(f"{section}: expected keys with values. Received: {entries!r}")
        for name, entry in entries.items():
            if name in runs:
                raise ParamsError(f"{section}.{name}: expected a name that is not one of `runs`. Received: {name!r}")
            runs[name] = _resolve_run(content, f"{section}.{name}", entry)
    return resolved | ({"runs": runs} if "runs" in content else {})


def own_key(content: Mapping[str, Any], run: str, key: str) -> str:
    """Find where params.yaml, as it is written, has the `key` of a run as `resolve` gives it.

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
        raise ParamsError(f"{key}: expected keys with values. Received: {entry!r}")
    if key.startswith("runs.") and "base" in entry:
        raise ParamsError(f"{key}.base: unknown key; a run with a base is an entry of `finetune`")
    if key.startswith("finetune.") and "base" not in entry:
        raise ParamsError(f"{key}.base: missing key; a run without a base is an entry of `runs`")
    for part in ("model", "compute"):
        if part in entry:
            raise ParamsError(f"{key}.{part}: unknown key; a run names an entry of `networks`, and `compute` is of all")
    run = {"base": "none", **entry}
    for part, section, name in (("model", "networks", "network"), ("training", "training", "training")):
        presets = content.get(section)
        if name not in entry:
            raise ParamsError(f"{key}.{name}: missing key; expected one of {braced(presets)}")
        if not isinstance(presets, Mapping) or entry[name] not in presets:
            raise ParamsError(f"{key}.{name}: expected one of {braced(presets)}. Received: {entry[name]!r}")
        run[part] = copy.deepcopy(presets[entry[name]])
    run.pop("network")
    return run | {"compute": content.get("compute")}


def lookup(params: Mapping[str, Any], *keys: str) -> Any:
    """Return the value at `keys`; raise ParamsError with the names there are if one is not there."""
    value: Any = params
    for depth, key in enumerate(keys):
        if not isinstance(value, Mapping) or key not in value:
            where = ".".join(keys[:depth]) or str(PARAMS)
            raise ParamsError(f"{where}: expected one of {braced(value)}. Received: {key!r}")
        value = value[key]
    return value


def build(record: type[Record], value: Any, key: str = "") -> Record:
    """Make a model from what YAML holds.

    Args:
        record: the model.
        value: plain values.
        key: the dotted key of `value`, for messages; empty for the whole file.

    Raises:
        ParamsError: an unknown or missing key, a value of another type, or one that the model refuses.
    """
    try:
        return record.model_validate(value)
    except pydantic.ValidationError as errors:
        raise ParamsError(_explain(errors.errors()[0], value, key)) from None


def braced(names: Any) -> str:
    """Names of a mapping or list, as messages show them."""
    return "{" + ", ".join(map(str, names)) + "}" if isinstance(names, (Mapping, list)) else repr(names)


def _explain(error: Any, value: Any, key: str) -> str:
    """Say in one line what pydantic found: the key, what is allowed, what came."""
    is_name = error["loc"][-1:] == ("[key]",)  # of a mapping's key, which stands before
    for part in error["loc"][:-2] if is_name else error["loc"]:
        if isinstance(value, (list, tuple)) and isinstance(part, int):
            key, value = f"{key}[{part}]", value[part]
        elif isinstance(value, Mapping) and part in value:  # the tag of a union is not
            key, value = f"{key}.{part}" if key else str(part), value[part]
    if error["type"] == "value_error":  # of ours
        return f"{key}.{error['ctx']['error']}".removeprefix(".")
    if error["type"].startswith("union_tag"):
        key = f"{key}.{error['ctx']['discriminator'].strip(chr(39))}"
        return (
            f"{key}: expected {_EXPECTED[error['type']].format(**error['ctx'])}. Received: {error['ctx'].get('tag')!r}"
        )
    expected = _EXPECTED.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return f"{key}: expected {expected}. Received: {error['input'] if is_name else value!r}"


class _UniqueKeys(yaml.SafeLoader):
    """YAML lets a later key replace an earlier one silently; here that is an error."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.composer.ComposerError(None, None, f"{key.value!r} stands twice", key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        return node
