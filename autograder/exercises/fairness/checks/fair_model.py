"""Checks of the gate: a model of the truth, from labels of which one group's ones were erased.

The truth stays on the judge's side: the submission is handed recorded labels to train on, and rows
without labels or groups to predict.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.checking import Case, check, close

MAX_GAP_LEFT, MIN_AUC_GAIN, MAX_CALIBRATION_ERROR = 0.25, 0.004, 0.04
SAMPLES, PUBLIC_SAMPLES = 5, 3
AUC_OF_ANOTHER_LABEL = 0.8
OTHER_RATES, MAX_ERROR_AT_OTHER_RATES = (0.2, 0.7), 0.07


@dataclass(frozen=True)
class Measures:
    """How a model does on the truth of one sample.

    `gap` is the true-positive rate of group 1 less that of group 0, where the quarter of the rows
    with the largest probabilities is decided for; `errors` are, for groups 0 and 1, the mean
    probability less the true share of ones.
    """

    gap: float
    auc: float
    errors: tuple[float, float]


@dataclass(frozen=True)
class Figures:
    """What the gate asks of a model on one sample, beside the two models of the judge."""

    gap_left: float
    auc_gain: float
    errors: tuple[float, float]


class Sample:
    """One draw of the injustice, and what the oracle and the unaware model make of it."""

    def __init__(self, seed: int, erased_rate: float | None = None) -> None:
        from shelfspace.baselines import logistic_regression
        from shelfspace.data.fairness import ERASED_RATE, biased_sample

        rate = ERASED_RATE if erased_rate is None else erased_rate
        self.data, self.truth = biased_sample(seed, rate)
        train = self.data.train

        def probabilities(y: np.ndarray) -> np.ndarray:
            return logistic_regression().fit(train.X, y).predict_proba(self.data.X_test)[:, 1]

        self.p_unaware = probabilities(train.y_observed)
        self.unaware = self.measures(self.p_unaware)
        self.oracle = self.measures(probabilities(self.truth.y_train))

    def measures(self, p: np.ndarray) -> Measures:
        from sklearn.metrics import roc_auc_score

        y, group = self.truth.y_test, self.truth.group_test
        chosen = p > np.quantile(p, 0.75)
        rates = [chosen[(group == value) & (y == 1)].mean() for value in (0, 1)]
        errors = [float((p - y)[group == value].mean()) for value in (0, 1)]
        return Measures(rates[1] - rates[0], float(roc_auc_score(y, p)), (errors[0], errors[1]))

    def figures(self, p: np.ndarray) -> Figures:
        found, unaware, oracle = self.measures(p), self.unaware, self.oracle
        injustice = abs(unaware.gap - oracle.gap)
        left = abs(found.gap - oracle.gap) / injustice
        return Figures(left, found.auc - unaware.auc, found.errors)


@lru_cache(16)
def sample(seed: int, erased_rate: float | None = None) -> Sample:
    """The sample of a seed; kept, because all submissions of a batch meet the same ones."""
    return Sample(seed, erased_rate)


def mean_figures(every: list[Figures]) -> Figures:
    errors = np.mean([figures.errors for figures in every], axis=0)
    return Figures(
        float(np.mean([figures.gap_left for figures in every])),
        float(np.mean([figures.auc_gain for figures in every])),
        (float(errors[0]), float(errors[1])),
    )


def failures(found: Figures) -> list[str]:
    """What the mean figures lack, as sentences; none, if the gate is passed."""
    said = []
    if found.auc_gain < MIN_AUC_GAIN:
        said.append(
            f"The AUC on the true labels is {found.auc_gain:+.4f} from the unaware model's; at "
            f"least +{MIN_AUC_GAIN:g} is asked."
        )
    if found.gap_left > MAX_GAP_LEFT:
        said.append(
            f"{found.gap_left:.2f} of the unaware model's true-positive gap is left; at most "
            f"{MAX_GAP_LEFT:g} may be."
        )
    for value, error in enumerate(found.errors):
        if abs(error) > MAX_CALIBRATION_ERROR:
            said.append(
                f"In group {value} the mean probability is {error:+.3f} from the true share of "
                f"ones; at most {MAX_CALIBRATION_ERROR:g} is allowed."
            )
    return said


def _probabilities(case: Case, drawn: Sample, y: np.ndarray | None = None) -> np.ndarray:
    """P(y = 1) of the test rows by the submission's model, well-formed; `y` are other labels."""
    train, X_test = drawn.data.train, drawn.data.X_test
    labels = train.y_observed if y is None else y
    model = case.make(train.X, labels, train.group, case.fresh_rng())
    returned = case.call_method(model, "predict_proba", X_test)
    shape = (len(X_test), 2)
    p = case.array(returned, "predict_proba(X)", shape=shape, kinds="f", bounds=(0.0, 1.0))
    if not np.allclose(p.sum(1), 1.0, atol=1e-5):
        case.fail("Each row of predict_proba(X) must sum to 1: P(y = 0), then P(y = 1).")
    return p[:, 1].astype(float)


def _why(drawn: list[Sample], every: list[np.ndarray], found: Figures) -> str | None:
    """The misconception that explains a model that does not pass."""
    aucs = [one.measures(p).auc for one, p in zip(drawn, every, strict=True)]
    if all(np.ptp(p) < 1e-6 for p in every):
        return "constant_scores"
    if all(abs(auc - 0.5) < 0.04 for auc in aucs):
        return "noise_scores"
    as_recorded = 0.6 < found.gap_left < 1.4 and abs(found.auc_gain) < 0.005
    return "observed_taken_for_true" if as_recorded else None


@check(
    "fair_model",
    f"of the injustice at most {MAX_GAP_LEFT:g} is left, the AUC is {MIN_AUC_GAIN:g} above the "
    f"unaware model's, and both groups are calibrated to {MAX_CALIBRATION_ERROR:g}",
    advice="Estimate the share that was erased from the two groups' shares of ones, and train on "
    "the recorded labels with `corrected_loss`. `biased_sample(seed)` gives you the truth "
    "of as many samples as you like to measure on.",
    weight=2.0,
    core=True,
)
def gate_sees_through_labels(case: Case) -> None:
    n_samples = SAMPLES if "/secret/" in case.key else PUBLIC_SAMPLES
    drawn, every = [], []
    for seed in case.rng.integers(1 << 31, size=n_samples).tolist():
        case.forget()
        drawn.append(sample(seed))
        every.append(_probabilities(case, drawn[-1]))
    found = mean_figures([one.figures(p) for one, p in zip(drawn, every, strict=True)])
    said = failures(found)
    if said:
        # what fails where the usual share was erased has more wrong with it than a fixed share
        case.ruled_out.add("rate_taken_for_known")
        case.fail(" ".join(said), misconception=_why(drawn, every, found))


@check(
    "fair_model",
    f"where another share was erased, group 1 is still calibrated to {MAX_ERROR_AT_OTHER_RATES:g}",
    advice="Estimate the rate from the labels that you are handed; it is not always 0.4.",
    core=True,
    seeds=(1, 0),
)
def gate_estimates_the_rate(case: Case) -> None:
    for rate in OTHER_RATES:
        case.forget()
        drawn = sample(int(case.rng.integers(1 << 31)), rate)
        p = _probabilities(case, drawn)
        error = drawn.measures(p).errors[1]
        if abs(error) > MAX_ERROR_AT_OTHER_RATES:
            why = "constant_scores" if np.ptp(p) < 1e-6 else "rate_taken_for_known"
            moved = abs(drawn.unaware.errors[1] - error) > 0.03
            case.fail(
                f"Where {rate:.0%} of the ones of group 1 were erased, its mean probability is far "
                "from its true share of ones.",
                expected=f"within {MAX_ERROR_AT_OTHER_RATES:g}",
                got=f"{error:+.3f}",
                misconception=why if moved and why not in case.ruled_out else None,
            )


@check(
    "fair_model",
    "trained on another label, it predicts that one",
    advice="Fit in the function, on its arguments; keep nothing fitted or looked up outside of it.",
    core=True,
    seeds=(1, 0),
)
def gate_learns(case: Case) -> None:
    from sklearn.metrics import roc_auc_score

    drawn = sample(int(case.rng.integers(1 << 31)))
    train, X_test = drawn.data.train, drawn.data.X_test
    spend = drawn.data.feature_names.index("spend_28")
    little = np.quantile(train.X[:, spend], 0.25)
    erased = (case.rng.random(len(train.X)) < OTHER_RATES[0]) & (train.group == 1)
    y = ((train.X[:, spend] < little) & ~erased).astype(np.int64)
    p = _probabilities(case, drawn, y)
    got = float(roc_auc_score(X_test[:, spend] < little, p))
    if got < AUC_OF_ANOTHER_LABEL:
        case.fail(
            "The label here was to have spent little in the month before; the model ranks as if it "
            "had been handed another one.",
            expected=f"an AUC of at least {AUC_OF_ANOTHER_LABEL:g} for that label",
            got=f"{got:.3f}",
        )


def _few_rows(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray, Any]:
    train = sample(int(case.rng.integers(1 << 31))).data.train
    rows = slice(0, len(train.X), 4)
    return train.X[rows], train.y_observed[rows], train.group[rows], case.fresh_rng()


@check(
    "fair_model",
    "its inputs and global random state are left alone",
    advice="Scale a copy (`X -= X.mean(0)` changes the caller's array), and name a `random_state` "
    "drawn from rng; for torch see `torch.random.fork_rng`.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_leaves_alone(case: Case) -> None:
    case.leaves_alone(*_few_rows(case))


@check(
    "fair_model",
    "the same state of rng gives the same model",
    advice="Where your model draws at random, pass `random_state=int(rng.integers(2**31))`.",
    weight=0.5,
    seeds=(1, 0),
)
def gate_follows_rng(case: Case) -> None:
    args = _few_rows(case)
    first, again = (case.call_method(case.make(*args), "predict_proba", args[0]) for _ in range(2))
    if not close(rtol=1e-6, atol=1e-8)(first, again):
        case.fail("Two models from the same rows and the same state of `rng` predict differently.")
