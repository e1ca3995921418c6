"""Classifiers that a learner's model is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def logistic_regression(class_weight: Literal["balanced"] | None = None) -> Pipeline:
    """An unfitted, scaled, L2-regularised logistic regression (C = 0.1).

    Parameters
    ----------
    class_weight : "balanced" or None
        "balanced" weighs each class by the inverse of its frequency, which moves the predicted
        probabilities towards 1/2.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(
        StandardScaler(), LogisticRegression(C=0.1, max_iter=2000, class_weight=class_weight)
    )
