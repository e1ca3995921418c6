"""What an encoder of households gives away, what hiding it costs, and what small makers are shown.

Four studies, each with its simple baselines in the same table:

1. *Audit.* How well attributes that no model was given (age 55 or more, income of 75,000 dollars or
   more; 801 households told) are predicted back from features of weeks 1-48: those of the encoder
   of `feature_extraction`, of the same encoder untrained, of TF-IDF of its items, and of recency,
   frequency and money.
2. *Hiding.* The trained encoder goes on learning with an adversary behind a gradient reversal
   (Ganin & Lempitsky 2015) that predicts the age from its features, at several strengths. Against
   it stand a training that goes on without reversal, and linear erasure in closed form (LEACE,
   Belrose et al. 2023). Utility is recognition of a household by its other half-year, and whether
   it is among the quarter that spends most in weeks 49-52.
3. *Exposure.* New products by EASE and recent popularity, re-ranked so that the products of small
   manufacturers get a share of the exposure: what that costs in NDCG@20. The scorer is the same at
   both sizes: the two-tower model takes contracts of another exercise. The weight of popularity is
   chosen on weeks 45-48, the tables are about weeks 49-53.
4. *Injected bias.* Repairs on `biased_sample`, where the truth is known, beside an oracle that was
   trained on the truth.

Households are split as in `feature_extraction`. Encoders, adversaries, erasure and the probe of
spending learn from training households, and validation households only say when the first
training stops, by recognition. So recognition is measured on the unseen ones, and leakage and
spending on both of the latter. Intervals are 95 % bootstraps over households; models of one table
share the resamples, so that their differences have intervals too.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.kernel_approximation import RBFSampler
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn import functional as F

from shelfspace.baselines.classifiers import logistic_regression
from shelfspace.baselines.households import tfidf
from shelfspace.baselines.recommenders import EASE, Popularity, log_counts, standardise
from shelfspace.data import (
    TEST_WEEK,
    VALIDATION_WEEK,
    BiasedSample,
    Purchases,
    Truth,
    biased_sample,
    load_journey,
    load_purchases,
    spending_table,
    top_quarter,
)
from shelfspace.data.fairness import HIGH_INCOME
from shelfspace.distributed import gather_rows, process_group

# Its private parts, too: what is audited is that encoder, not one like it.
from shelfspace.pipelines import feature_extraction as encoders
from shelfspace.pipelines.feature_extraction import FUTURE, HALVES, WHOLE, Features, Inputs, Learner
from shelfspace.pipelines.recommender import HORIZON, RECENT, TEST_HORIZON, K, Past
from shelfspace.training import Checkpoints, EmbeddingLoss, TrainingSettings, seeded, train

CONTRACTS: tuple[str, ...] = (
    "group_gaps",
    "proxy_strength",
    "reweighing",
    "fair_loss",
    "corrected_loss",
    "counterfactual_gap",
    "rerank_for_exposure",
    "fair_model",
)

AGE, INCOME = "age 55+", "income 75K+"
HIDDEN = AGE
"""The attribute that encoders are to forget: the one that purchases tell most about."""

LARGE_MAKERS = 50
"""So many manufacturers, by sales before the cut, are not small."""

ADVERSARY_WIDTH, ADVERSARY_RATE = 64, 1e-2
EASE_L2 = 400.0
POPULARITY_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0)
KERNEL_COLUMNS = 256

Contracts = Mapping[str, Callable[..., Any]]
Rows = list[dict[str, Any]]
Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Settings:
    """A run of the pipeline.

    Parameters
    ----------
    seed : int
        Of encoders, folds, resamples, and the first of the samples with injected bias.
    encoder : feature_extraction.Settings
        Its seed is replaced by `seed`.
    strengths : tuple of float
        Of the gradient reversal.
    hiding_steps : int
        With the adversary, after the encoder's own training.
    hiding_rate : float
        Highest learning rate of the encoder in these steps: far below the adversary's, which it
        would outrun otherwise, and hide nothing from a probe that takes its time.
    refits : int
        Resamples of households where each takes a cross-validation. 15 give a standard error that
        is itself uncertain by a fifth.
    bootstrap : int
        Resamples of households where nothing is fitted.
    target_shares : tuple of float
        Of the exposure of small manufacturers' products; 0.05 less is as good.
    samples : int
        With injected bias.
    penalties : tuple of float
        Strengths of `fair_loss`.
    """

    seed: int = 0
    encoder: encoders.Settings = field(
        default_factory=lambda: encoders.Settings(
            text_encoder="", dimension=64, item_width=128, hidden=256, batch=128
        )
    )
    strengths: tuple[float, ...] = (1.0, 3.0, 10.0)
    hiding_steps: int = 100
    hiding_rate: float = 3e-4
    refits: int = 15
    bootstrap: int = 500
    target_shares: tuple[float, ...] = (0.2, 0.3, 0.4, 0.5)
    samples: int = 3
    penalties: tuple[float, ...] = (1.0, 10.0, 100.0)


SIZES: dict[str, Settings] = {
    "small": Settings(),
    "full": Settings(
        encoder=encoders.SIZES["full"],
        strengths=(0.3, 1.0, 3.0, 10.0, 30.0),
        hiding_steps=1000,
        hiding_rate=3e-5,
        refits=200,
        bootstrap=2000,
        target_shares=tuple(round(0.05 * step, 2) for step in range(3, 13)),
        samples=20,
        penalties=(1.0, 3.0, 10.0, 30.0, 100.0),
    ),
}


def data_digest(settings: Settings) -> str:
    """A hash of the households, labels, purchases and spending that a run uses."""
    shop = encoders.load_shop(settings.encoder)
    products, table = shop.products, spending_table()
    state = hashlib.sha256(encoders.digest_of(shop, settings.encoder).encode())
    makers = products.items["manufacturer_id"].to_numpy()
    arrays = (*_attributes(shop).values(), _best_customers(shop), makers, table.X, table.y)
    for array in (*arrays, products.events.to_numpy()):
        state.update(np.ascontiguousarray(array).tobytes())
    return state.hexdigest()


def run(
    settings: Settings, contracts: Contracts, folder: Path, *, progress: bool = True
) -> dict[str, Any]:
    """The figures of a run: tables of the four studies, and sentences that say who wins.

    Parameters
    ----------
    settings : Settings
    contracts : mapping
        The functions named in `CONTRACTS`.
    folder : path
        For the checkpoints of training; a run that finds some goes on from them.
    progress : bool
        Whether to show progress bars.
    """
    with process_group() as device:
        study = _Study(settings, contracts, Path(folder), progress, device)
        audit, hiding = study.audit(), study.hiding()
    exposure = _exposure(settings, contracts)
    injected = _injected_bias(settings, contracts)
    return {
        "households": study.households(),
        "audit": audit,
        "hiding": hiding,
        "exposure": exposure,
        "injected bias": injected,
        "reading": _reading(audit, hiding, exposure, injected),
    }


# ---------------------------------------------------------------------- intervals


def _interval(name: str, value: float, draws: np.ndarray, digits: int = 4) -> dict[str, float]:
    """The percentiles of a bootstrap."""
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return _rounded({name: value, "95 % low": low, "95 % high": high}, digits)


def _refit_interval(name: str, value: float, draws: np.ndarray) -> dict[str, float]:
    """The estimate and 1.96 bootstrap standard errors on either side.

    Not percentiles: of the households of a resample only 63 % are different ones, so what is
    fitted to it has less to learn from, and all draws lie too low.
    """
    error = 1.96 * float(np.std(draws, ddof=1))
    return _rounded({name: value, "95 % low": value - error, "95 % high": value + error})


def _rounded(figures: Mapping[str, float], digits: int = 4) -> dict[str, float]:
    return {name: round(float(figure), digits) for name, figure in figures.items()}


def _resamples(n: int, settings: Settings) -> np.ndarray:
    """(bootstrap, n) row numbers."""
    return np.random.default_rng(settings.seed).integers(n, size=(settings.bootstrap, n))


# ---------------------------------------------------------------------- households


def _attributes(shop: encoders.Shop) -> dict[str, np.ndarray]:
    """(households,) float arrays by name: 1, 0, or nan where it is not known."""
    known = load_journey().demographics.set_index("household_id")["income"]
    income = known.reindex(shop.products.households["household_id"])
    high = np.where(income.isna(), np.nan, income.isin(HIGH_INCOME))
    return {AGE: shop.labels["age at least 55"], INCOME: high.astype(float)}


def _best_customers(shop: encoders.Shop) -> np.ndarray:
    """(households,) int: whether a household is in the quarter that spends most in weeks 49-52."""
    lines = load_journey().transactions
    lines = lines[lines["week"].between(*FUTURE)]
    spent = lines.groupby("household_id")["sales_value"].sum()
    ids = shop.products.households["household_id"]
    return top_quarter(spent.reindex(ids).fillna(0.0).to_numpy())


@dataclass(frozen=True, eq=False)
class Leakage:
    """How well an attribute is predicted back: the AUC, and those of resampled households."""

    auc: float
    draws: np.ndarray

    def row(self) -> dict[str, float]:
        return _refit_interval("AUC", self.auc, self.draws)

    def minus(self, other: Leakage) -> dict[str, float]:
        return _refit_interval("in AUC", self.auc - other.auc, self.draws - other.draws)


class _Study:
    """The audit of the encoder, and the attempts to hide an attribute from those who use it."""

    def __init__(
        self,
        settings: Settings,
        contracts: Contracts,
        folder: Path,
        progress: bool,
        device: torch.device,
    ) -> None:
        self.settings, self.contracts = settings, contracts
        self.folder, self.progress, self.device = folder, progress, device
        self.encoder_settings = replace(settings.encoder, seed=settings.seed)
        self.shop = shop = encoders.load_shop(self.encoder_settings)
        self.attributes, self.best = _attributes(shop), _best_customers(shop)
        self.held_out = np.sort(np.concatenate([shop.validation, shop.unseen]))
        self.everybody = np.sort(np.concatenate([shop.training, self.held_out]))
        data = encoders.digest_of(shop, self.encoder_settings)
        self.identity = {"run": asdict(settings), "data": data}
        self.untrained = encoders.deep_learner(shop, self.encoder_settings, device)
        self.trained = _copied(self.untrained)
        self._train_encoder(self.trained)
        self.rfm = encoders.rfm_features(shop)

    def households(self) -> dict[str, int]:
        """Who took part."""
        known = self._known(AGE, self.everybody)
        hidden_from = self._known(HIDDEN, self.shop.training)
        return {
            "with known attributes, audited": len(known),
            "of those in training": len(hidden_from),
            "held out, with known attributes": len(self._known(HIDDEN, self.held_out)),
            "unseen, to be recognised": len(self.shop.active(self.shop.unseen, *HALVES)),
        }

    def _known(self, attribute: str, households: np.ndarray) -> np.ndarray:
        return households[np.isfinite(self.attributes[attribute][households])]

    def _train_encoder(self, learner: Learner) -> None:
        """As in `feature_extraction`, on random halves of each household's weeks."""
        draw = partial(
            encoders.week_views, settings=self.encoder_settings, two_views=_halves_of_weeks
        )
        households = self.shop.training
        size = min(self.encoder_settings.batch, len(households))
        parts = {
            "nt_xent": _contrastive,
            "retrieval_recall": lambda queries, gallery, *_: _recognised(queries, gallery).mean(),
        }
        encoders.train_learner(
            learner,
            encoders.fresh_batches(learner, draw, households, size),
            self.shop,
            self.encoder_settings,
            parts,
            Checkpoints(self.folder / "encoder"),
            self.identity,
            self.progress,
        )

    # ------------------------------------------------------------------ 1. audit

    def audit(self) -> dict[str, Rows]:
        """How well each attribute is predicted back from each kind of features."""
        rows: Rows = []
        differences: Rows = []
        for attribute in (AGE, INCOME):
            found = {
                name: self._leakage(features, attribute, self.everybody)
                for name, features in self._audited().items()
            }
            rows += [{"attribute": attribute, "features": n} | f.row() for n, f in found.items()]
            differences += [
                {"attribute": attribute, "difference": f"{_TRAINED} minus {name}"}
                | found[_TRAINED].minus(leakage)
                for name, leakage in found.items()
                if name != _TRAINED
            ]
        return {"predicted back": rows, "differences": differences}

    def _audited(self) -> dict[str, Features]:
        shop, unit = self.shop, self.encoder_settings.unit
        words = tfidf().fit(encoders.counts_of_halves(shop, unit))
        return {
            _RFM: self.rfm,
            f"TF-IDF of {unit.replace('_', ' ')}s": encoders.of_counts(words, shop, unit),
            _UNTRAINED: self.untrained.features,
            _TRAINED: self.trained.features,
        }

    def _leakage(self, features: Features, attribute: str, households: np.ndarray) -> Leakage:
        """By the learner's `proxy_strength`; a household that is drawn twice stays in one fold."""
        known = self._known(attribute, households)
        X, n = features(known, WHOLE), len(known)
        rngs = [np.random.default_rng([self.settings.seed, i]) for i in range(self.settings.refits)]
        resamples = [rng.integers(n, size=n) for rng in rngs]
        draws = [self._probe(X[rows], attribute, known[rows]) for rows in resamples]
        return Leakage(self._probe(X, attribute, known), np.array(draws))

    def _probe(self, X: np.ndarray, attribute: str, households: np.ndarray) -> float:
        label = self.attributes[attribute][households].astype(int)
        rng = np.random.default_rng(self.settings.seed)
        return round(float(self.contracts["proxy_strength"](X, label, households, rng)), 4)

    # ------------------------------------------------------------------ 2. hiding

    def hiding(self) -> dict[str, Rows]:
        """Utility against leakage of each way to hide the attribute, and what decisions come of it.

        A gap is never negative, so its interval leaves 0 out even where there is none: hold it
        against the gap of `_PERFECT`, decisions by what was really spent.
        """
        ways = self._ways()
        leaks = {
            way: self._leakage(features, HIDDEN, self.held_out) for way, features in ways.items()
        }
        scores = {way: self._spending_scores(features) for way, features in ways.items()}
        first = next(iter(ways))
        gaps = [row for way in ways for row in self._gaps(way, top_quarter(scores[way]))]
        return {
            "leakage": [
                {"way": way} | leak.row() | self._other_leakage(ways[way])
                for way, leak in leaks.items()
            ],
            "differences": [
                {"difference": f"{way} minus {first}"} | leak.minus(leaks[first])
                for way, leak in leaks.items()
                if way != first
            ],
            "recognition": [{"way": way} | self._recognition(ways[way]) for way in ways],
            "spending": [{"way": way} | self._spending(scores[way]) for way in ways],
            "gaps": [*gaps, *self._gaps(_PERFECT, self.best[self.held_out])],
        }

    def _ways(self) -> dict[str, Features]:
        """Features by way of hiding, beginning with no hiding at all."""
        control = self._hide(0.0)
        ways = {_NOT_HIDDEN: control.features}
        for strength in self.settings.strengths:
            ways[f"{_REVERSAL}, {strength:g}"] = self._hide(strength).features
        known = self._known(HIDDEN, self.shop.training)
        label = self.attributes[HIDDEN][known]
        erase = linear_erasure(control.features(known, WHOLE), label)
        ways[_ERASURE] = lambda households, window: erase(control.features(households, window))
        return ways | {_UNTRAINED: self.untrained.features, _RFM: self.rfm}

    def _hide(self, strength: float) -> Learner:
        """The trained encoder after more training, against an adversary of this strength."""
        settings, learner = self.encoder_settings, _copied(self.trained)
        hider = Hider(learner.module, strength, seed=settings.seed + 3).to(self.device)
        rate = float(np.nanmean(self.attributes[HIDDEN][self.shop.training]))
        loss = _hiding_loss(settings.temperature, (1 - rate) / rate)
        train(
            hider,
            self._labelled_batches,
            EmbeddingLoss(_embed, loss, settings.chunk_rows or None),
            TrainingSettings(
                self.settings.hiding_steps,
                learning_rate=self.settings.hiding_rate,
                weight_decay=settings.weight_decay,
            ),
            seed=settings.seed,
            parameters=[
                {"params": list(learner.module.parameters())},
                {"params": list(hider.adversary.parameters()), "lr": ADVERSARY_RATE},
            ],
            checkpoints=Checkpoints(self.folder / f"hiding-{strength:g}"),
            identity=self.identity | {"strength": strength},
            progress=self.progress,
        )
        return learner

    def _labelled_batches(self, rng: np.random.Generator) -> list[LabelledBatch]:
        """Two views of random training households, and the attribute to hide where it is known."""
        settings, learner = self.encoder_settings, self.trained
        households = self.shop.training
        chosen = rng.choice(households, min(settings.batch, len(households)), replace=False)
        pairs = [
            encoders.week_views(learner.histories, number, settings, _halves_of_weeks, rng)
            for number in chosen
        ]
        a, b = (learner.inputs(views) for views in zip(*pairs, strict=True))
        return [(a, b, torch.from_numpy(self.attributes[HIDDEN][chosen]))]

    def _other_leakage(self, features: Features) -> dict[str, float]:
        """The same AUC for another probe, and for the households that the adversary saw.

        What is erased for linear probes may still be there for others: here, for one on random
        features of a Gaussian kernel (Rahimi & Recht 2007).
        """
        known, seen = (
            self._known(HIDDEN, households) for households in (self.held_out, self.shop.training)
        )
        X = features(known, WHOLE)
        kernel = RBFSampler(
            gamma=0.5 / X.shape[1], n_components=KERNEL_COLUMNS, random_state=self.settings.seed
        )
        mapped = make_pipeline(StandardScaler(), kernel).fit_transform(X)
        return {
            "AUC, kernel probe": self._probe(mapped, HIDDEN, known),
            "AUC, training": self._probe(features(seen, WHOLE), HIDDEN, seen),
        }

    def _recognition(self, features: Features) -> dict[str, float]:
        """How often an unseen household is nearest to its own other half-year."""
        found = self.shop.active(self.shop.unseen, *HALVES)
        hits = _recognised(*(features(found, half) for half in reversed(HALVES)))
        draws = hits[_resamples(len(hits), self.settings)].mean(1)
        return _interval("recall@1", hits.mean(), draws)

    def _spending_scores(self, features: Features) -> np.ndarray:
        """(held-out households,) logits of being among the best customers of weeks 49-52."""
        training = self.shop.training
        probe = logistic_regression().fit(features(training, WHOLE), self.best[training])
        return probe.decision_function(features(self.held_out, WHOLE))

    def _spending(self, scores: np.ndarray) -> dict[str, float]:
        y = self.best[self.held_out]
        rows = _resamples(len(y), self.settings)
        draws = np.array([roc_auc_score(y[chosen], scores[chosen]) for chosen in rows])
        return _interval("AUC", roc_auc_score(y, scores), draws)

    def _gaps(self, way: str, chosen: np.ndarray) -> Rows:
        """`group_gaps` of decisions about the held-out households, by attribute."""
        rows, y = [], self.best[self.held_out]
        for attribute in (AGE, INCOME):
            group = self.attributes[attribute][self.held_out]
            known = np.flatnonzero(np.isfinite(group))
            gaps = partial(self._group_gaps, y, chosen, group)
            draws = [gaps(known[drawn]) for drawn in _resamples(len(known), self.settings)]
            parity = np.array([draw["demographic_parity"] for draw in draws])
            found = gaps(known)
            rows.append(
                {"way": way, "group": attribute}
                | _interval("selection gap", found["demographic_parity"], parity)
                | {"opportunity gap": round(float(found["equal_opportunity"]), 4)}
                | {"accuracy gap": round(float(found["accuracy"]), 4)}
            )
        return rows

    def _group_gaps(
        self, y: np.ndarray, chosen: np.ndarray, group: np.ndarray, rows: np.ndarray
    ) -> dict[str, float]:
        return self.contracts["group_gaps"](y[rows], chosen[rows], group[rows].astype(int))


_RFM, _UNTRAINED, _TRAINED = "recency, frequency, money", "encoder, untrained", "encoder, trained"
_NOT_HIDDEN, _REVERSAL, _ERASURE = "encoder, nothing hidden", "gradient reversal", "linear erasure"
_PERFECT = "perfect foresight"

LabelledBatch = tuple[Inputs, Inputs, Tensor]


def _copied(learner: Learner) -> Learner:
    module: Any = copy.deepcopy(learner.module)
    return replace(learner, module=module, encoder=module.encoder)


def _halves_of_weeks(
    weeks: np.ndarray, min_weeks: int, max_weeks: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Masks of two disjoint sets of a household's weeks, as large as they can be: no bounds."""
    active = rng.permutation(np.unique(weeks))
    a, b = active[::2], active[1::2]
    return np.isin(weeks, a), np.isin(weeks, b)


def _contrastive(z_a: Tensor, z_b: Tensor, temperature: float) -> Tensor:
    """Cross-entropy of finding each row's other view, from either side (Radford et al. 2021)."""
    logits = F.normalize(z_a, dim=1) @ F.normalize(z_b, dim=1).T / temperature
    own = torch.arange(len(logits), device=logits.device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def _recognised(queries: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """(n,) bool: whether row i of the gallery is the one most similar to row i of the queries."""
    cosine = encoders.unit_rows(queries) @ encoders.unit_rows(gallery).T
    return cosine.argmax(1) == np.arange(len(queries))


class _Reversal(torch.autograd.Function):
    """The identity, whose gradient is turned around and scaled."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return rows.view_as(rows)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradients[0], None


class Hider(nn.Module):
    """An encoder with its head, and an adversary that reads an attribute from its features.

    The adversary learns to read it, and the encoder, behind the reversed gradient, to hide it.

    Parameters
    ----------
    module : WithHead
    strength : float
        Of the reversed gradient; 0 leaves the encoder alone.
    seed : int
        Of the adversary's initial weights.
    """

    def __init__(self, module: nn.Module, strength: float, *, seed: int) -> None:
        super().__init__()
        self.module, self.strength = module, strength
        width = int(module.encoder.out_width)  # type: ignore[arg-type, union-attr]
        with seeded(seed):
            self.adversary = nn.Sequential(
                nn.LayerNorm(width),  # or the encoder could escape by shrinking
                nn.Linear(width, ADVERSARY_WIDTH),
                nn.GELU(),
                nn.Linear(ADVERSARY_WIDTH, 1),
            )

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """The projections (b, width), and the adversary's logits (b,)."""
        module: Any = self.module
        features = module.encoder(*inputs)
        reversed_: Tensor = _Reversal.apply(features, self.strength)
        return module.head(features), self.adversary(reversed_).squeeze(1)


def _embed(module: nn.Module, batch: LabelledBatch) -> tuple[Tensor, ...]:
    a, b, _ = batch
    return *module(*a), *module(*b)


def _hiding_loss(temperature: float, weight: float) -> Callable[..., Tensor]:
    """The contrastive loss, plus the adversary's cross-entropy where the attribute is known.

    With `weight` on those who have it, the few count as much as the many.
    """

    def loss(
        batch: LabelledBatch, z_a: Tensor, guess_a: Tensor, z_b: Tensor, guess_b: Tensor
    ) -> Tensor:
        label = gather_rows(batch[2])
        known = torch.isfinite(label)
        guesses = torch.stack([gather_rows(guess_a)[known], gather_rows(guess_b)[known]])
        target = label[known].to(guesses.dtype).expand_as(guesses)
        total = F.binary_cross_entropy_with_logits(
            guesses, target, pos_weight=guesses.new_tensor(weight), reduction="sum"
        )
        adversary = total / max(1, target.numel())  # a batch may have no known label
        return _contrastive(gather_rows(z_a), gather_rows(z_b), temperature) + adversary

    return loss


def linear_erasure(X: np.ndarray, attribute: np.ndarray) -> Predict:
    """The least change after which no linear model of X does better than a constant: LEACE.

    Belrose, Schneider-Joseph, Ravfogel, Cotterell, Raff & Biderman 2023, for one attribute. It
    holds for the rows that it is fitted to.

    Parameters
    ----------
    X : (n, d) float array
    attribute : (n,) float array

    Returns
    -------
    erase : callable (m, d) array -> (m, d) array
    """
    mean = X.mean(0)
    centred = X - mean
    cross = centred.T @ (attribute - attribute.mean()) / len(X)
    direction = np.linalg.pinv(centred.T @ centred / len(X), hermitian=True) @ cross
    scale = cross @ direction

    def erase(rows: np.ndarray) -> np.ndarray:
        return rows - np.outer((rows - mean) @ direction / scale, cross)

    return erase


# ---------------------------------------------------------------------- 3. exposure


def _exposure(settings: Settings, contracts: Contracts) -> dict[str, Any]:
    """The frontier of small manufacturers' exposure and relevance, on the test weeks."""
    purchases = load_purchases("product")
    validation, test = (_market(purchases, cut) for cut in (VALIDATION_WEEK, TEST_WEEK))
    quality = [validation.ndcg(validation.lists(weight)).mean() for weight in POPULARITY_WEIGHTS]
    weight = POPULARITY_WEIGHTS[int(np.argmax(quality))]
    items, scores = test.candidates(weight)
    flags = np.arange(2 * K) < K
    plain = test.lists(weight)
    lists = {"no bonus": plain}
    for share in settings.target_shares:
        places = contracts["rerank_for_exposure"](scores, flags, share, K)
        lists[f"{share:g}"] = np.take_along_axis(items, places, 1)
    rows = _resamples(len(test.targets), settings)
    frontier: Rows = []
    price: Rows = []
    for target, shown in lists.items():
        frontier.append({"target": target} | test.exposure(shown, rows))
        price.append({"target": target} | test.price(shown, plain, rows))
    return {
        "weight of recent popularity": weight,
        "merit": {
            "weeks 45-48": round(validation.merit(), 4),
            "weeks 49-53": round(test.merit(), 4),
        },
        "frontier": frontier,
        "price": price,
    }


@dataclass(frozen=True, eq=False)
class Market:
    """Scores of products at a cut in time, and what households bought for the first time after it.

    Attributes
    ----------
    ease : (n, n_items) float32 array
        Standardised scores; -inf where it was bought before.
    popularity : (n_items,) float32 array
        Standardised scores of recent popularity, which are everybody's.
    small : (n_items,) bool array
        Whether a product's manufacturer is small.
    targets : list of n int arrays
        The products to be predicted, of each household.
    """

    ease: np.ndarray
    popularity: np.ndarray
    small: np.ndarray
    targets: list[np.ndarray]

    def candidates(self, weight: float) -> tuple[np.ndarray, np.ndarray]:
        """(n, 2 K) products and scores: each household's best K of small makers, then of others.

        Whatever the bonus, no other product gets into its best K.
        """
        scores = self.ease + np.float32(weight) * self.popularity
        items = np.hstack([_best(scores, np.flatnonzero(of)) for of in (self.small, ~self.small)])
        return items, np.take_along_axis(scores, items, 1).astype(float)

    def lists(self, weight: float) -> np.ndarray:
        """(n, K) products, best first, without a bonus."""
        items, scores = self.candidates(weight)
        return np.take_along_axis(items, np.argsort(-scores, 1, kind="stable")[:, :K], 1)

    def ndcg(self, lists: np.ndarray) -> np.ndarray:
        """(n,) NDCG@K."""
        hits = np.array([np.isin(*pair) for pair in zip(lists, self.targets, strict=True)])
        ideal = np.cumsum(_WORTH)[[min(K, len(items)) - 1 for items in self.targets]]
        return hits @ _WORTH / ideal

    def merit(self, rows: Any = slice(None)) -> Any:
        """Small makers' share of what is bought; of each resample where `rows` are (b, n)."""
        small = np.array([self.small[items].sum() for items in self.targets])[rows]
        all_ = np.array([len(items) for items in self.targets])[rows]
        return small.sum(-1) / all_.sum(-1)

    def exposure(self, lists: np.ndarray, rows: np.ndarray) -> dict[str, float]:
        """Small makers' share of the exposure, and the same over their merit."""
        shares = self.small[lists] @ _WORTH / _WORTH.sum()
        ratio = shares.mean() / self.merit()
        draws = shares[rows].mean(1) / self.merit(rows)
        share = {"share of exposure": round(float(shares.mean()), 4)}
        return share | _interval("exposure / merit", ratio, draws)

    def price(self, lists: np.ndarray, plain: np.ndarray, rows: np.ndarray) -> dict[str, float]:
        """NDCG@K, and what the plain lists' is lost, in percent."""
        found, before = self.ndcg(lists), self.ndcg(plain)
        loss = 100 * (1 - found.mean() / before.mean())
        draws = 100 * (1 - found[rows].mean(1) / before[rows].mean(1))
        row = {f"NDCG@{K}": round(float(found.mean()), 4)}
        return row | _interval("loss in %", loss, draws, 2)


_WORTH = 1 / np.log2(np.arange(2, K + 2))


def _best(scores: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(n, K) of these columns, those with the largest scores, in the order of their numbers."""
    some = scores[:, columns]
    return columns[np.sort(np.argpartition(-some, K - 1, axis=1)[:, :K], axis=1)]


def _market(purchases: Purchases, cut: int) -> Market:
    """Everything is learned from weeks before the cut; targets are of the weeks after it."""
    shape = purchases.n_households, purchases.n_items
    names = {"household": "household_id", "item": "item_id"}
    events = purchases.events.rename(columns=names)
    past = Past.of(events[events["week"] < cut], cut, shape)
    bought = past.counts()
    horizon = TEST_HORIZON if cut == TEST_WEEK else HORIZON
    new = purchases.counts(cut, cut + horizon - 1)
    new = (new - new.multiply(bought > 0)).tocsr()
    new.eliminate_zeros()
    households = np.flatnonzero(new.getnnz(1))
    ease = standardise(EASE(EASE_L2).fit(log_counts(bought)).scores(households))
    ease[bought[households].nonzero()] = -np.inf
    popularity = standardise(Popularity().fit(past.counts(RECENT)).scores([0]))[0]
    targets = np.split(new[households].indices, new[households].indptr[1:-1])
    return Market(ease, popularity, _of_small_makers(purchases, cut), targets)


def _of_small_makers(purchases: Purchases, cut: int) -> np.ndarray:
    """(n_items,) bool: outside the manufacturers that sold most before the cut, by baskets."""
    makers = np.unique(purchases.items["manufacturer_id"], return_inverse=True)[1]
    baskets = np.asarray(purchases.counts(1, cut - 1).sum(0)).ravel()
    sold = np.bincount(makers, weights=baskets)
    return ~np.isin(makers, np.argsort(-sold, kind="stable")[:LARGE_MAKERS])


# ---------------------------------------------------------------------- 4. injected bias


def _injected_bias(settings: Settings, contracts: Contracts) -> dict[str, Rows]:
    """Repairs on samples whose truth is known, in the mean of the samples."""
    seeds = range(settings.seed, settings.seed + settings.samples)
    found = [_one_sample(seed, settings, contracts) for seed in seeds]
    gaps: Rows = []
    calibration: Rows = []
    for model in found[0]:
        names = found[0][model]
        mean = {name: float(np.mean([sample[model][name] for sample in found])) for name in names}
        beyond = [s[model]["opportunity gap"] - s[_ORACLE]["opportunity gap"] for s in found]
        rounded = _rounded(mean | {_BEYOND: float(np.mean(beyond)), "at most": max(beyond)})
        gaps.append({"model": model} | {name: rounded[name] for name in _GAP_COLUMNS})
        calibration.append({"model": model} | {name: rounded[name] for name in _OTHER_COLUMNS})
    return {"gaps": gaps, "calibration": calibration}


_BEYOND = "minus the oracle's"
_GAP_COLUMNS = (
    "AUC, recorded",
    "AUC, true",
    "opportunity gap",
    _BEYOND,
    "at most",
    "counterfactual gap",
)
_OTHER_COLUMNS = ("mean p minus rate, group 0", "mean p minus rate, group 1", "selection gap")
_ORACLE, _UNAWARE = "oracle: trained on the truth", "unaware"


def _one_sample(seed: int, settings: Settings, contracts: Contracts) -> dict[str, dict[str, float]]:
    """Figures by model; decided is for the quarter of the test rows with the largest p.

    "AUC, recorded" is on the training rows, the only ones with records: what a shop would see.
    """
    sample, truth = biased_sample(seed)
    X, recorded = sample.train.X, sample.train.y_observed
    found = {}
    for name, predict in _models(sample, truth, seed, settings, contracts).items():
        p = predict(sample.X_test)
        gaps = contracts["group_gaps"](truth.y_test, top_quarter(p), truth.group_test)
        errors = [(p - truth.y_test)[truth.group_test == value].mean() for value in (0, 1)]
        found[name] = {
            "AUC, recorded": roc_auc_score(recorded, predict(X)),
            "AUC, true": roc_auc_score(truth.y_test, p),
            "opportunity gap": gaps["equal_opportunity"],
            "selection gap": gaps["demographic_parity"],
            "counterfactual gap": contracts["counterfactual_gap"](
                predict, sample.X_test, lambda _: truth.X_test_other_group
            ),
            "mean p minus rate, group 0": errors[0],
            "mean p minus rate, group 1": errors[1],
        }
    return found


def _models(
    sample: BiasedSample, truth: Truth, seed: int, settings: Settings, contracts: Contracts
) -> dict[str, Predict]:
    """Models of the true label by name: predict(X) -> probabilities.

    `corrected_loss` is handed the rate that was drawn from, which nobody knows outside a
    simulation; `fair_model` has to find it out.
    """
    X, y, group = sample.train.X, sample.train.y_observed, sample.train.group
    labels, groups = torch.from_numpy(y), torch.from_numpy(group)

    def with_loss(loss: Callable[..., Tensor], strength: float) -> Predict:
        return _linear(X, lambda logits: loss(logits, labels, groups, strength))

    own = contracts["fair_model"](X, y, group, np.random.default_rng(seed))
    return {
        _ORACLE: _regression(X, truth.y_train),
        _UNAWARE: _regression(X, y),
        "reweighing": _regression(X, y, contracts["reweighing"](y, group)),
        **{
            f"fair_loss, {strength:g}": with_loss(contracts["fair_loss"], strength)
            for strength in settings.penalties
        },
        "corrected_loss, true rate": with_loss(contracts["corrected_loss"], truth.erased_rate),
        "fair_model": lambda rows: own.predict_proba(rows)[:, 1],
    }


def _regression(X: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> Predict:
    model = logistic_regression().fit(X, y, logisticregression__sample_weight=weights)
    return lambda rows: model.predict_proba(rows)[:, 1]


def _linear(X: np.ndarray, loss_of: Callable[[Tensor], Tensor]) -> Predict:
    """A linear model of standardised columns with a loss of its logits, by L-BFGS."""
    scaler = StandardScaler().fit(X)
    model = nn.utils.skip_init(nn.Linear, X.shape[1], 1, dtype=torch.float64)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    rows = torch.from_numpy(scaler.transform(X))
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        # as strongly held back as `logistic_regression`: C = 0.1 on the sum over the rows
        held_back = (model.weight**2).sum() / (2 * 0.1 * len(rows))
        loss = loss_of(model(rows).squeeze(1)) + held_back
        loss.backward()
        return loss

    optimizer.step(closure)

    def predict(new: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            logits = model(torch.from_numpy(scaler.transform(new))).squeeze(1)
        return torch.sigmoid(logits).numpy()

    return predict


# ---------------------------------------------------------------------- reading


def _reading(
    audit: Mapping[str, Rows],
    hiding: Mapping[str, Rows],
    exposure: Mapping[str, Any],
    injected: Mapping[str, Rows],
) -> list[str]:
    """What the tables say, in sentences."""
    sentences = []
    for attribute in (AGE, INCOME):
        rows = [row for row in audit["predicted back"] if row["attribute"] == attribute]
        most = max(rows, key=lambda row: row["AUC"])
        least = min(rows, key=lambda row: row["AUC"])
        sentences.append(
            f"{attribute}, which nobody was given, is told most by {most['features']} "
            f"(AUC {most['AUC']:.3f}) and least by {least['features']} ({least['AUC']:.3f})."
        )
    sentences += _hiding_sentences(hiding)
    fair = next((row for row in exposure["frontier"] if row["exposure / merit"] >= 1), None)
    if fair is not None:
        loss = next(row for row in exposure["price"] if row["target"] == fair["target"])
        sentences.append(
            f"Small manufacturers' exposure is {exposure['frontier'][0]['exposure / merit']:.2f} "
            f"of their merit; to raise it to {fair['exposure / merit']:.2f} costs "
            f"{loss['loss in %']:.1f} % of NDCG."
        )
    repairs = [row for row in injected["gaps"] if row["model"] not in (_ORACLE, _UNAWARE)]
    best = min(repairs, key=lambda row: abs(row[_BEYOND]))
    favourite = max(injected["gaps"], key=lambda row: row["AUC, recorded"])
    sentences.append(
        f"Of the repairs, {best['model']} leaves least of the injected gap "
        f"({best[_BEYOND]:+.3f} beyond the oracle's); by its AUC on the records one would "
        f"have chosen {favourite['model']} ({favourite[_BEYOND]:+.3f})."
    )
    return sentences


def _hiding_sentences(hiding: Mapping[str, Rows]) -> list[str]:
    """Which ways of hiding took something away, and at what price."""
    leak, found, spending = (
        {row["way"]: row[name] for row in hiding[table]}
        for table, name in (("leakage", "AUC"), ("recognition", "recall@1"), ("spending", "AUC"))
    )
    sentences = []
    for row in hiding["differences"]:
        way = row["difference"].removesuffix(f" minus {_NOT_HIDDEN}")
        if way in (_UNTRAINED, _RFM):
            continue
        low, high = row["95 % low"], row["95 % high"]
        verdict = "hides" if high < 0 else "reveals" if low > 0 else "has not been shown to hide"
        sentences.append(
            f"{way}: {verdict} {HIDDEN} (AUC {row['in AUC']:+.3f} [{low:+.3f}, {high:+.3f}]), "
            f"recall@1 {found[way]:.3f} after {found[_NOT_HIDDEN]:.3f}."
        )
    reversal = min((way for way in leak if way.startswith(_REVERSAL)), key=leak.__getitem__)
    if leak[_ERASURE] < leak[reversal] and found[_ERASURE] >= found[reversal]:
        sentences.append(
            f"Linear erasure leaves less of it than the best {_REVERSAL} ({leak[_ERASURE]:.3f} "
            f"against {leak[reversal]:.3f}) and costs no recognition against it: the simple way "
            "wins."
        )
    best = max(spending, key=spending.__getitem__)
    sentences.append(
        f"Who is to spend most is predicted best by {best} (AUC {spending[best]:.3f}), which tells "
        f"{HIDDEN} with {leak[best]:.3f}."
    )
    return sentences
