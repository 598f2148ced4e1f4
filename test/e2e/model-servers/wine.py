"""Trains a model for MLServer into the working folder, and writes a labelled set that it has not seen.

Prints how many of the set scikit-learn itself says the model gets right.
"""

import json

import joblib
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

data, target = load_wine(return_X_y=True)
seen, unseen, seen_labels, unseen_labels = train_test_split(
    data, target, test_size=0.5, random_state=7
)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, C=0.01))
model.fit(seen, seen_labels)
joblib.dump(model, "model.joblib")
with open("holdout.ndjson", "w") as holdout:
    for features, label in zip(unseen, unseen_labels):
        holdout.write(json.dumps({"x": features.tolist(), "label": int(label)}) + "\n")
right = int((model.predict(unseen) == unseen_labels).sum())
print(json.dumps({"items": len(unseen_labels), "right": right}))
