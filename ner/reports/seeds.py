"""Train runs with several seeds, as DVC experiments -> metrics/seeds.json: the mean and deviation of their entity F1.

    python -m ner.reports.seeds --seeds 1 2 3 RUN...

`make seeds` calls it. What a run starts from gets the same seed; the teachers of a student keep theirs. Experiments
that exist are not run again, and the seed of params.yaml needs none: its score stands in metrics/.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ner.core.outputs import whole_file, write_json
from ner.core.params import lookup, own_key, read_params, read_yaml, resolve
from ner.reports.experiments import SEED, experiments_of

RESULT = Path("metrics/seeds.json")


def seed_keys(content: Mapping[str, Any], run: str) -> list[str]:
    """List the keys of params.yaml with the seeds of a run, and of all that it starts from.

    >>> content = {"runs": {}, "distill": {"student": {"training": {"seed": 1}}}}
    >>> seed_keys(content | {"finetune": {"tuned": {"training": "short", "base": "student"}}}, "tuned")
    ['training.short.seed', 'distill.student.training.seed']

    Args:
        content: of params.yaml, as it is written.
        run: a key of `runs` or `finetune`.
    """
    if run in content.get("distill", {}):
        return [f"distill.{run}.{SEED}"]
    base = content.get("finetune", {}).get(run, {}).get("base")
    keys = [own_key(content, run, SEED), *(seed_keys(content, base) if base else [])]
    return list(dict.fromkeys(keys))


def with_one_seed(shown: Sequence[Mapping[str, Any]], run: str) -> Iterator[dict[str, Any]]:
    """Yield the commits that `dvc exp show --json` shows with only those experiments whose `seed_keys` agree."""
    for commit in shown:
        kept = []
        for experiment in commit.get("experiments") or []:
            content = (experiment["revs"][0].get("data") or {}).get("params", {}).get("params.yaml", {}).get("data", {})
            known = run in {**content.get("runs", {}), **content.get("finetune", {})}
            if known and len({lookup(content, *key.split(".")) for key in seed_keys(content, run)}) == 1:
                kept.append(experiment)
        yield {**commit, "experiments": kept}


def scores_of(shown: Sequence[Mapping[str, Any]], run: str) -> dict[int, float]:
    """Return the entity F1 on test by seed: of the experiments that vary only seeds, and of the workspace.

    Args:
        shown: what `dvc exp show --json` prints; the workspace stands first.
        run: a key of `runs` or `finetune`.
    """
    found = {one.values[0]: one.scores[0] for one in experiments_of(list(with_one_seed(shown, run)), run, [SEED])}
    workspace = shown[0]["data"]
    seed = lookup(resolve(workspace["params"]["params.yaml"]["data"]), "runs", run, *SEED.split("."))
    measured = workspace["metrics"].get(f"metrics/{run}.json", {}).get("data", {})
    return found | ({seed: measured["entity_f1"]} if "entity_f1" in measured else {})


def row(scores: Mapping[int, float]) -> dict[str, Any]:
    """Build a run's row: its seeds, their entity F1, mean and sample deviation. There must be two seeds or more."""
    seeds = sorted(scores)
    values = [scores[seed] for seed in seeds]
    mean, deviation = round(statistics.mean(values), 5), round(statistics.stdev(values), 5)
    return {"seeds": seeds, "entity_f1": values, "mean": mean, "deviation": deviation}


def queue(content: Mapping[str, Any], run: str, seed: int) -> None:
    """Queue the experiment that trains and scores a run, and what it starts from, with another seed."""
    settings = [word for key in seed_keys(content, run) for word in ("-S", f"{key}={seed}")]
    stage = "evaluate-finetuned" if run in content.get("finetune", {}) else "evaluate"
    _dvc("exp", "run", "--queue", *settings, f"{stage}@{run}")


def _dvc(*arguments: str, stdout: int | None = None) -> str:
    """Call DVC, which starts itself anew by its name alone for each experiment; return what it printed to `stdout`."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(["dvc", *arguments], env=environment, check=True, stdout=stdout, text=True).stdout


def _shown(commit: str) -> Any:
    return json.loads(_dvc("exp", "show", "--json", "--rev", commit, stdout=subprocess.PIPE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a key of `runs` or `finetune` in params.yaml")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], help="default: 1 2 3")
    parser.add_argument("--rev", default="HEAD", help="the commit whose experiments count (default: HEAD)")
    options = parser.parse_args()
    content = read_yaml()
    for run in options.runs:
        lookup(read_params(), "runs", run)  # so that a wrong name ends before any training
    shown = _shown(options.rev)
    wanted = [(run, seed) for run in options.runs for seed in options.seeds if seed not in scores_of(shown, run)]
    if wanted:
        for run, seed in wanted:
            queue(content, run, seed)
        _dvc("exp", "run", "--run-all")
        shown = _shown(options.rev)
    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    for run in options.runs:
        known[run] = row(scores_of(shown, run))
        print(f"{run}: {100 * known[run]['mean']:.2f} ± {100 * known[run]['deviation']:.2f}, {known[run]['seeds']}")
    with whole_file(RESULT) as path:
        write_json(path, dict(sorted(known.items())))


if __name__ == "__main__":
    main()
