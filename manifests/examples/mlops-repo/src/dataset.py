"""The training set that Git names."""

import hashlib
import io

import fsspec
import pandas


def read_dataset(uri: str, digest: str) -> pandas.DataFrame:
    """Reads a Parquet file, and refuses one that Git does not name."""
    with fsspec.open(uri, "rb") as file:
        content = file.read()
    found = "sha256:" + hashlib.sha256(content).hexdigest()
    if found != digest:
        raise SystemExit(f"{uri}: found {found}, expected {digest}")
    return pandas.read_parquet(io.BytesIO(content))
