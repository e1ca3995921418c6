# task: coupon_model
# outcome: wrong
# misconception: none
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def coupon_model(X, y, groups, rng):
    # one feature only
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(X[:, :1], y)
    class First:
        def predict_proba(self, X):
            return model.predict_proba(X[:, :1])
    return First()
