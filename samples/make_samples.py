"""Templates -> the three demo corpora, the same bytes for the same seed."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import make_abstracts as abstracts
import make_arabic as arabic
import make_news as news

HERE = Path(__file__).parent
SEED = 20240117
HELD_OUT_SHARE = 0.1

Mentions = list[str]  # the surface forms of one sentence's or document's entities


def main(seed: int, to: Path) -> None:
    """Write the corpora into `to` and say what they hold."""
    templates = HERE / "templates"

    # Each corpus has a random source of its own, so that a new template in one leaves the others as they are.
    news_sentences = news.make_news(templates, Random(f"{seed} news"))
    news.write_news(news_sentences, to / "news" / "news.csv")

    documents = abstracts.make_abstracts(templates, Random(f"{seed} abstracts"))
    abstracts.write_abstracts(documents, to / "abstracts" / "abstracts.PubTator.txt")

    train, test = arabic.make_arabic(templates, Random(f"{seed} arabic"))
    arabic.write_arabic(train, to / "arabic" / "train.txt")
    arabic.write_arabic(test, to / "arabic" / "test.txt")

    summarise("news", "sentences", [mentions((t.word, t.tag) for t in s) for s in news_sentences], seed)
    summarise("abstracts", "documents", [[m.text for m in d.mentions] for d in documents], seed)
    summarise("arabic", "sentences", [mentions((t.word, t.tag) for t in s) for s in train + test], seed)


def mentions(tokens: Iterable[tuple[str, str]]) -> Mentions:
    """The surface forms of the entities of one IOB2 sentence."""
    found: list[str] = []
    for word, tag in tokens:
        if tag.startswith("B-"):
            found.append(word)
        elif tag.startswith("I-") and found:
            found[-1] += f" {word}"
    return found


def unseen_share(groups: Sequence[Mentions], rng: Random) -> float:
    """Of the mentions in a random tenth of the groups, the share whose surface no other group shows."""
    shuffled = rng.sample(groups, len(groups))
    held_out = round(HELD_OUT_SHARE * len(groups))
    seen = {mention for group in shuffled[held_out:] for mention in group}
    tested = [mention for group in shuffled[:held_out] for mention in group]
    return sum(mention not in seen for mention in tested) / len(tested)


def summarise(name: str, unit: str, groups: Sequence[Mentions], seed: int) -> None:
    """Print one corpus's counts."""
    total = sum(len(group) for group in groups)
    share = unseen_share(groups, Random(f"{seed} split"))
    print(f"{name}: {len(groups)} {unit}, {total} mentions; unseen in a held-out tenth: {share:.0%}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="default: %(default)s, as committed")
    parser.add_argument("--to", type=Path, default=HERE, help="folder to write into; default: beside this script")
    arguments = parser.parse_args()
    main(arguments.seed, arguments.to)
