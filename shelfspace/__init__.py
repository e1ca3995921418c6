"""The course library: data, models, training, baselines, plots and serving."""
