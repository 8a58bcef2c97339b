"""params.yaml -> frozen dataclasses, checked: every key is known, none is missing, every value is allowed.

A record states its own limits in `__post_init__`; this module builds any record from YAML and says where it went wrong.
"""

import copy
import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

Record = TypeVar("Record")

PARAMS = Path("params.yaml")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class ParamsError(ValueError):
    """One line: the key, what is allowed there, what came."""

    def __init__(self, message: str) -> None:
        super().__init__(message.replace("\r", "\\r").replace("\n", "\\n"))


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """The whole file as plain values.

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
    return resolve(content)


def resolve(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same with `runs` and `finetune` as one section, `runs`, each run with all that it names.

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
    if "runs" in content and not isinstance(content["runs"], Mapping):
        return resolved  # which the check of all sections refuses
    runs: dict[str, Any] = {}
    for section in ("runs", "finetune"):
        for name, entry in (content.get(section) or {}).items():
            if name in runs:
                raise ParamsError(f"{section}.{name}: expected a name that is not one of `runs`. Received: {name!r}")
            runs[name] = _resolve_run(content, f"{section}.{name}", entry)
    return resolved | ({"runs": runs} if "runs" in content else {})


def own_key(content: Mapping[str, Any], run: str, key: str) -> str:
    """Where params.yaml, as it is written, has the `key` of a run as `resolve` gives it.

    >>> content = {"runs": {}, "finetune": {"one": {"network": "small", "training": "long"}}}
    >>> [own_key(content, "one", key) for key in ("model.lstm_units", "training.seed", "corpus")]
    ['networks.small.lstm_units', 'training.long.seed', 'finetune.one.corpus']
    """
    section = "finetune" if run in content.get("finetune", {}) else "runs"
    entry = lookup(content, section, run)
    part, _, rest = key.partition(".")
    presets = {"model": f"networks.{entry.get('network')}", "training": f"training.{entry.get('training')}"}
    return f"{presets[part]}.{rest}" if rest and part in presets else f"{section}.{run}.{key}"


def _resolve_run(content: Mapping[str, Any], key: str, entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry  # which the check of runs refuses
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
            raise ParamsError(f"{key}.{name}: missing key; expected one of {_names(presets)}")
        if not isinstance(presets, Mapping) or entry[name] not in presets:
            raise ParamsError(f"{key}.{name}: expected one of {_names(presets)}. Received: {entry[name]!r}")
        run[part] = copy.deepcopy(presets[entry[name]])
    run.pop("network")
    return run | {"compute": content.get("compute")}


def lookup(params: Mapping[str, Any], *keys: str) -> Any:
    """The value at `keys`; a name that is not there is answered with those that are."""
    value: Any = params
    for depth, key in enumerate(keys):
        if not isinstance(value, Mapping) or key not in value:
            where = ".".join(keys[:depth]) or str(PARAMS)
            raise ParamsError(f"{where}: expected one of {_names(value)}. Received: {key!r}")
        value = value[key]
    return value


def build(record: type[Record], value: Any, key: str) -> Record:
    """`value` as `record`, a dataclass whose fields are plain values, records, or tuples and mappings of them.

    Args:
        record: the dataclass; a field with a default may be left out of params.yaml.
        value: what YAML holds.
        key: the dotted key of `value`, for messages.

    Raises:
        ParamsError: an unknown or missing key, a value of another type, or one that the record refuses.
    """
    if not isinstance(value, Mapping):
        raise ParamsError(f"{key}: expected keys {_names(_fields(record))}. Received: {value!r}")
    fields = _fields(record)
    for name in value:
        if name not in fields:
            raise ParamsError(f"{key}.{name}: unknown key; expected one of {_names(fields)}")
    needed = {name: field for name, field in fields.items() if field.default is dataclasses.MISSING}
    for name in needed:
        if name not in value:
            raise ParamsError(
                f"{key}.{name}: missing key; expected at least {_names(needed)}. Received: {_names(value)}"
            )
    hints = typing.get_type_hints(record)
    arguments = {name: _convert(hints[name], item, f"{key}.{name}") for name, item in value.items()}
    try:
        return record(**arguments)
    except ParamsError:
        raise
    except ValueError as error:
        raise ParamsError(f"{key}.{error}") from None


def check_name(name: object, key: str) -> None:
    """Names become file names, stage names and plot ids: lower-case letters, digits, single hyphens."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ParamsError(f"{key}: expected a name of a-z, 0-9 and single hyphens. Received: {name!r}")


def one_of(field: str, value: object, allowed: typing.Collection[object]) -> None:
    """For `__post_init__`: raises ValueError unless `value` is in `allowed`."""
    if value not in allowed:
        raise ValueError(f"{field}: expected one of {', '.join(map(str, allowed))}. Received: {value!r}")


def within(field: str, value: float, low: float, high: float) -> None:
    """For `__post_init__`: raises ValueError unless low <= value <= high."""
    if not low <= value <= high:
        raise ValueError(f"{field}: expected a number from {low} to {high}. Received: {value!r}")


def _convert(hint: Any, value: Any, key: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return build(hint, value, key)
    if origin in {types.UnionType, typing.Union}:  # `X | None`
        return None if value is None else _convert(arguments[0], value, key)
    if origin is tuple:
        if not isinstance(value, list):
            raise ParamsError(f"{key}: expected a list. Received: {value!r}")
        return tuple(_convert(arguments[0], item, f"{key}[{index}]") for index, item in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise ParamsError(f"{key}: expected keys with values. Received: {value!r}")
        return {name: _convert(arguments[1], item, f"{key}.{name}") for name, item in value.items()}
    return _plain(hint, value, key)


def _plain(hint: type, value: Any, key: str) -> Any:
    """A bool is no number here, and a whole number does for a fraction."""
    accepted: tuple[type, ...] = (int, float) if hint is float else (hint,)
    if not isinstance(value, accepted) or (isinstance(value, bool) and hint is not bool):
        expected = {
            str: "text",
            int: "a whole number",
            float: "a number (YAML reads 1e-3 as text: write 1.0e-3)",
        }
        raise ParamsError(f"{key}: expected {expected.get(hint, 'true or false')}. Received: {value!r}")
    return hint(value)


def _fields(record: type) -> dict[str, dataclasses.Field[Any]]:
    return {field.name: field for field in dataclasses.fields(record)}


def _names(value: Any) -> str:
    return "{" + ", ".join(map(str, value)) + "}" if isinstance(value, Mapping) else repr(value)


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
