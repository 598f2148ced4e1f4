"""Serves the sentiment model with the endpoints of the Open Inference Protocol that its Deployment uses."""

import argparse
import os

import fsspec
import joblib
import uvicorn
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/v2/health/ready")
def ready() -> dict:
    return {"ready": True}


@app.post("/v2/models/sentiment/infer")
def infer(request: dict) -> dict:
    languages, reviews = (each["data"] for each in request["inputs"])
    if not set(languages) <= app.state.languages:
        raise HTTPException(400, f"expected {', '.join(sorted(app.state.languages))}")
    data = app.state.model.predict(reviews).tolist()
    output = {"name": "negative", "datatype": "INT64", "shape": [len(data)], "data": data}
    return {"model_name": "sentiment", "outputs": [output]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--languages", required=True)
    app.state.languages = set(parser.parse_args().languages.split(","))
    with fsspec.open(os.environ["MODEL_URI"] + "/model.pkl", "rb") as file:
        app.state.model = joblib.load(file)
    uvicorn.run(app, host="0.0.0.0", port=8080)
