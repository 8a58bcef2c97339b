"""Commands, files and parameters that the pages name are there."""

import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml

from ner.cli.commands import main

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("data/*.md")])
MARKDOWN = [ROOT / name for name in subprocess.check_output(["git", "ls-files", "*.md"], cwd=ROOT, text=True).split()]
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
FOLDERS = ("ner", "stages", "tests", "docs", "benchmarks", "samples", "texts", "requirements", "store")
MINE = re.compile(r"\bmine\b")  # what the pages have readers make


def commands(page: Path) -> list[list[str]]:
    """Of the blocks for a shell, and of `code` that begins like one; what stands behind a pipe is one of its own."""
    text = page.read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```(?:sh|bash)\n(.*?)```", text, re.S) for line in block.splitlines()]
    lines += [code for code in re.findall(r"`([^`\n]+)`", text) if re.match(r"(make|ner|dvc) [a-z]", code)]
    found = []
    for line in lines:
        words: list[str] = []
        for word in [*shlex.split(line.replace("<", "").replace(">", ""), comments=True), "&&"]:
            if word in {"|", "&&", "||", ";"}:
                found.append(words)
                words = []
            else:
                words.append(word)
    return [words for words in found if words]


CASES = [(page, words) for page in PAGES for words in commands(page)]


def ids(value: object) -> str:
    return value.name if isinstance(value, Path) else " ".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize(("page", "words"), [case for case in CASES if case[1][0] == "make"], ids=ids)
def test_make_targets_exist(page: Path, words: list[str]) -> None:
    targets = [word for word in words[1:] if "=" not in word]
    assert set(targets) <= TARGETS, page


@pytest.mark.parametrize(("page", "words"), [case for case in CASES if case[1][0].endswith("ner")], ids=ids)
def test_ner_commands_and_options_exist(page: Path, words: list[str]) -> None:
    if len(words) == 1 or words[1].startswith("-"):
        return
    assert words[1] in main.commands, page
    options = {name for option in main.commands[words[1]].params for name in option.opts} | {"--help", "-h"}
    assert {word for word in words[2:] if re.match(r"--?[a-z]", word)} <= options, page


@pytest.mark.parametrize(("page", "words"), [case for case in CASES if case[1][0].endswith("dvc")], ids=ids)
def test_dvc_stages_and_parameters_exist(page: Path, words: list[str]) -> None:
    for word in words[1:]:
        stage, at, key = word.partition("@")
        if at and stage in STAGES and "foreach" in STAGES[stage] and not MINE.search(key) and re.match("[a-z]", key):
            section = STAGES[stage]["foreach"].strip("${}")
            assert key in PARAMS[section] or key == "run", page
    for setting in (words[place + 1] for place, word in enumerate(words) if word == "-S"):
        value = PARAMS
        for key in setting.partition("=")[0].lstrip("+~").split("."):
            assert key in value, (page, setting)
            value = value[key]


def anchors(page: Path) -> set[str]:
    """Of a page's headings, as GitHub makes them: lower case, no punctuation, a number behind one that comes again."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: Counter[str] = Counter()
    slugs = set()
    for heading in re.findall(r"^#{1,6} +(.+?)[ #]*$", text, re.MULTILINE):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)  # of a link, its text
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        slugs.add(f"{slug}-{found[slug]}" if found[slug] else slug)
        found[slug] += 1
    return slugs


def test_anchors_are_those_of_github(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `ner tag`: why?\n```sh\n# no\n```\n## [It's](x.md) A_b - c\n## Again\n### Again\n", encoding="utf-8"
    )
    assert anchors(page) == {"a-ner-tag-why", "its-a_b---c", "again", "again-1"}


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_anchors_that_pages_link_to_exist(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not target or (target.endswith(".md") and "://" not in target):
            linked = page.parent / target if target else page
            assert linked.is_file(), f"{target}#{anchor}"
            assert anchor in anchors(linked), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_pages_name_exist(page: Path) -> None:
    for name in re.findall(r"`([\w./-]+)`", page.read_text(encoding="utf-8")):
        if name.partition("/")[0] in FOLDERS and "/" in name:
            assert (ROOT / name).exists(), name
