"""Simple, strong models that every result of the course is held against.

Recommenders share one interface: `fit(history)` takes a (households, items) matrix and returns the
recommender, `scores(rows)` gives a (len(rows), items) float32 array for these rows of the matrix,
higher is better. Which weeks a matrix covers, and whether it holds counts, decayed counts or their
logarithms, is the caller's choice; to leave out items that a household bought before is, too.
Household features follow scikit-learn: `fit` on the training households' windows, then `transform`.

scikit-learn, SciPy and implicit are loaded by the functions that need them, not by this package.
"""

from shelfspace.baselines.classifiers import logistic_regression
from shelfspace.baselines.cold_start import AttributeAffinity, TextNeighbours, TypePopularity
from shelfspace.baselines.households import (
    RFM_COLUMNS,
    MeanText,
    WithinClassWhitening,
    random_encoder,
    recency_frequency_money,
    tfidf,
    tfidf_svd,
)
from shelfspace.baselines.recommenders import (
    ALS,
    EASE,
    Blend,
    ItemKNN,
    PersonalFrequency,
    Popularity,
    PureSVD,
    Recommender,
    decayed_counts,
    log_counts,
)

__all__ = [
    "ALS",
    "EASE",
    "RFM_COLUMNS",
    "AttributeAffinity",
    "Blend",
    "ItemKNN",
    "MeanText",
    "PersonalFrequency",
    "Popularity",
    "PureSVD",
    "Recommender",
    "TextNeighbours",
    "TypePopularity",
    "WithinClassWhitening",
    "decayed_counts",
    "log_counts",
    "logistic_regression",
    "random_encoder",
    "recency_frequency_money",
    "tfidf",
    "tfidf_svd",
]
