# task: fair_model
# outcome: wrong
# misconception: none
def fair_model(X, y_observed, group, rng):
    # the group that was wronged, with its labels as they are
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    hurt = group == 1
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)).fit(X[hurt], y_observed[hurt])
