"""Fit what quotes and abstains (`headwater/chat/judge.json`) to the cases that `cases.py` made.

A listwise softmax picks the sentence; a logistic regression over its signals says whether it answers.
Everything is reported from articles that the weights were not fitted to (4 folds by article), and the
thresholds are chosen on those too.

    python recipes/reader/fit_judge.py --cases /tmp/cases --out headwater/chat/judge.json
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parent))

from cases import LANGUAGES, Case

from headwater.chat.answerable import signals
from headwater.chat.evidence import FEATURES
from headwater.chat.judge import Linear

Column = npt.NDArray[np.float64]
FOLDS = 4
READING = ("relevance", "span", "span_share", "highest_relevance", "highest_span")
VECTORS = ("cosine", "cosine_best", "cosine_foreign", "cosine_best_foreign", "highest_cosine", "dense")
SETS = {"words": (*READING, *VECTORS), "vectors": READING, "reader": ()}
QUOTE_PENALTY, ANSWER_PENALTY = 1e-3, 1e-3
KINDS = ("good", "removed", "foreign", "crossed")
BARS = {"refused": 0.05, "foreign": 0.05, "removed": 0.30}
CROSSED_SHARE = 0.4  # weight of a crossed case: people ask them less often than the others
SURE_LOSS = 0.02  # share of answers that may be lost by showing one sentence instead of two


@dataclass(frozen=True, eq=False)
class Fitted:
    """The two models of one set."""

    quote: Linear
    answerable: Linear

    def probability(self, case: Case) -> float:
        """Return the probability that the case is answered."""
        odds = self.answerable.of(signals(case.evidence, self.scores(case)))[0]
        return float(1 / (1 + np.exp(-odds)))

    def scores(self, case: Case) -> Column:
        """Return the score of every sentence of a case."""
        return self.quote.of(columns(case))


def columns(case: Case) -> dict[str, Column]:
    """Return the features of a case by name."""
    return {name: case.evidence.features[:, place] for place, name in enumerate(FEATURES)}


def minimise(loss: Callable[[Column], tuple[float, Column]], size: int, rounds: int = 400) -> Column:
    """BFGS with a backtracking line search; `loss` returns its value and gradient."""
    point, inverse = np.zeros(size), np.eye(size)
    value, slope = loss(point)
    for _ in range(rounds):
        step = -inverse @ slope
        length = 1.0
        while length > 1e-9:
            new_value, new_slope = loss(point + length * step)
            if new_value <= value + 1e-4 * length * float(slope @ step):
                break
            length /= 2
        moved, turned = length * step, new_slope - slope
        point, value, slope = point + moved, new_value, new_slope
        if np.abs(slope).max() < 1e-6:
            break
        curvature = float(moved @ turned)
        if curvature > 1e-12:
            left = np.eye(size) - np.outer(moved, turned) / curvature
            inverse = left @ inverse @ left.T + np.outer(moved, moved) / curvature
    return point


def _scaled(rows: Column) -> tuple[Column, Column, Column]:
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    deviation = np.where(deviation < 1e-6, 1.0, deviation)
    return (rows - mean) / deviation, mean, deviation


def fit_quote(cases: Sequence[Case], left_out: Sequence[str]) -> Linear:
    """Maximise the chance that a softmax over the sentences of a question picks one with the answer."""
    chosen = [case for case in cases if case.gold.any()]
    names = tuple(name for name in FEATURES if name not in left_out)
    places = [FEATURES.index(name) for name in names]
    rows, mean, deviation = _scaled(np.concatenate([case.evidence.features[:, places] for case in chosen]))
    counts = np.array([len(case.gold) for case in chosen])
    starts, owner = np.r_[0, np.cumsum(counts)[:-1]], np.repeat(np.arange(len(chosen)), counts)
    gold = np.concatenate([case.gold for case in chosen]).astype(np.float64)

    def loss(weights: Column) -> tuple[float, Column]:
        scores = rows @ weights
        raised = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        total, right = np.add.reduceat(raised, starts), np.add.reduceat(raised * gold, starts)
        slope = rows.T @ (raised / total[owner] - raised * gold / (right[owner] + 1e-30)) / len(chosen)
        value = -np.log((right + 1e-30) / total).mean() + QUOTE_PENALTY * float(weights @ weights)
        return value, slope + 2 * QUOTE_PENALTY * weights

    return Linear(names, mean, deviation, minimise(loss, len(names)), 0.0)


def fit_answerable(cases: Sequence[Case], quote: Linear, left_out: Sequence[str]) -> Linear:
    """Logistic regression: is the question answered by its best sentence's passage."""
    table = [signals(case.evidence, quote.of(columns(case))) for case in cases]
    names = tuple(name for name in table[0] if name.removeprefix("best_") not in left_out)
    rows, mean, deviation = _scaled(np.array([[row[name] for name in names] for row in table]))
    rows = np.c_[rows, np.ones(len(rows))]
    wanted = np.array([1.0 if case.kind == "good" else -1.0 for case in cases])
    shares = np.array([CROSSED_SHARE if case.kind == "crossed" else 1.0 for case in cases])
    shares /= shares.sum()
    penalty = np.r_[np.full(len(names), ANSWER_PENALTY), 0.0]

    def loss(weights: Column) -> tuple[float, Column]:
        margins = wanted * (rows @ weights)
        value = float(shares @ np.logaddexp(0, -margins)) + float(penalty @ weights**2)
        slope = -rows.T @ (shares * wanted / (1 + np.exp(margins)))
        return value, slope + 2 * penalty * weights

    weights = minimise(loss, rows.shape[1])
    return Linear(names, mean, deviation, weights[:-1], float(weights[-1]))


def fit(cases: Sequence[Case], left_out: Sequence[str]) -> Fitted:
    """Fit both models."""
    quote = fit_quote(cases, left_out)
    return Fitted(quote, fit_answerable(cases, quote, left_out))


@dataclass(frozen=True)
class Outcome:
    """What the held-out weights said of one case."""

    case: Case
    probability: float
    first: bool
    two: bool
    cited: bool
    sure: float


def outcomes(cases: Sequence[Case], left_out: Sequence[str]) -> list[Outcome]:
    """Judge every case with weights fitted to other articles."""
    found = []
    for fold in range(FOLDS):
        fitted = fit([case for case in cases if case.article % FOLDS != fold], left_out)
        for case in cases:
            if case.article % FOLDS == fold:
                scores = fitted.scores(case)
                order = np.argsort(-scores, kind="stable")
                first, two = bool(case.has[order[0]]), bool(case.has[order[:2]].any())
                sure = float(1 / np.exp(scores - scores.max()).sum())
                cited = int(case.hits[order[0]]) in case.holding
                found.append(Outcome(case, fitted.probability(case), first, two, cited, sure))
    return found


def report(found: Sequence[Outcome], threshold: float) -> dict[str, float]:
    """Return the bars' numbers of some outcomes at a threshold."""
    kinds = {kind: [o for o in found if o.case.kind == kind] for kind in KINDS}
    good = kinds["good"]

    def share(flags: Sequence[bool]) -> float:
        return round(sum(flags) / max(1, len(flags)), 4)

    return {
        "questions": len(good),
        "first sentence": share([o.first for o in good]),
        "two sentences": share([o.two for o in good]),
        "cited": share([o.cited for o in good]),
        "refused": share([o.probability < threshold for o in good]),
        "removed": share([o.probability >= threshold for o in kinds["removed"]]),
        "foreign": share([o.probability >= threshold for o in kinds["foreign"]]),
        "crossed": share([o.probability >= threshold for o in kinds["crossed"]]),
    }


def choose_thresholds(found: Sequence[Outcome]) -> dict[str, float]:
    """Return for each language the threshold that leaves most room below all bars; their mean for others."""
    chosen: dict[str, float] = {}
    for language in sorted({o.case.language for o in found}):
        part = [o for o in found if o.case.language == language]
        rows = {float(threshold): report(part, threshold) for threshold in np.arange(0.02, 0.6, 0.01)}
        strain = {t: max(row[name] / bar for name, bar in BARS.items()) for t, row in rows.items()}
        chosen[language] = round(min(strain, key=lambda t: strain[t]), 3)
    foreign = [threshold for language, threshold in chosen.items() if language != "en"]
    chosen["other"] = round(float(np.mean(foreign or list(chosen.values()))), 3)
    return chosen


def choose_sure(found: Sequence[Outcome]) -> float:
    """Return the smallest chance of the first sentence from which showing it alone loses little."""
    good = [o for o in found if o.case.kind == "good"]
    for sure in np.arange(0.3, 1.0, 0.01):
        lost = sum(o.two and not o.first for o in good if o.sure >= sure) / len(good)
        if lost <= SURE_LOSS:
            return round(float(sure), 2)
    return 1.0


def as_json(model: Linear) -> dict[str, Any]:
    """Return a linear model as rounded lists."""
    return {
        "names": list(model.names),
        **{name: [round(float(v), 5) for v in getattr(model, name)] for name in ("mean", "deviation", "weights")},
        "bias": [round(model.bias, 5)],
    }


def main() -> None:
    """Fit every set that the cases allow, report, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    arguments = parser.parse_args()
    cases: list[Case] = []
    for language in arguments.languages.split(","):
        with (arguments.cases / f"cases-{language}.pickle").open("rb") as file:
            cases += pickle.load(file)
    has_reader = any(case.evidence.column("span").any() for case in cases)
    written: dict[str, Any] = {
        "about": "XQuAD articles 1-36 (CC BY-SA 4.0), dolly (CC BY-SA 3.0), oasst1 (Apache-2.0); see recipes/reader",
        "embedder": "minilm",
        "reader": "reader",
        "sets": {},
    }
    for name, left_out in SETS.items():
        if name == "reader" and not has_reader:
            continue
        found = outcomes(cases, left_out)
        usual = [o for o in found if o.case.setting == "usual"]
        thresholds, sure = choose_thresholds(usual), choose_sure(found)
        for language in arguments.languages.split(","):
            for setting, part in (("usual", usual), ("varied", [o for o in found if o.case.setting != "usual"])):
                row = report([o for o in part if o.case.language == language], thresholds[language])
                print(json.dumps({"set": name, "language": language, "setting": setting, **row}))
        fitted = fit(cases, left_out)
        written["sets"][name] = {
            "quote": as_json(fitted.quote),
            "answerable": as_json(fitted.answerable),
            "thresholds": thresholds,
            "sure": sure,
        }
        print(json.dumps({"set": name, "thresholds": thresholds, "sure": sure}), flush=True)
    arguments.out.write_text(json.dumps(written, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
