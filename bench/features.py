"""What contrastive household features are worth, beside the methods that need no training loop.

    python bench/features.py            (about four CPU-minutes)

Runs the pipeline of the exercise at its small size with the reference's contracts, once per seed,
and writes bench/results/features.json: the table (mean, smallest and largest over the seeds), the
differences of each run with their bootstrap intervals over the unseen households, and how each
training went. The split of the households is one and the same: seeds differ in initial weights,
views and batches. Methods without randomness have one value.
"""

from __future__ import annotations

import json
import multiprocessing
import platform
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from autograder.contracts import load_contracts
from shelfspace.pipelines import feature_extraction as pipeline

SEEDS = 3
HERE = Path(__file__).parent
RESULTS = HERE / "results" / "features.json"
REFERENCE = HERE.parent / "solutions" / "feature_extraction" / "feature_extraction.ipynb"


def main() -> None:
    settings = pipeline.SIZES["small"]
    with ProcessPoolExecutor(SEEDS, multiprocessing.get_context("spawn")) as pool:
        runs, seconds = zip(*pool.map(_run, range(SEEDS)), strict=True)
    table = [_over_seeds(rows) for rows in zip(*(run["figures"] for run in runs), strict=True)]
    differences = [
        _over_seeds(rows) for rows in zip(*(run["differences"] for run in runs), strict=True)
    ]
    for rows in (table, differences):
        print("\n" + "; ".join(rows[0]))
        print(*map(_line, rows), sep="\n")
    record = {
        "command": "python bench/features.py",
        "settings": asdict(settings),
        "seeds": SEEDS,
        "cpu_seconds": seconds,
        "households": runs[0]["households"],
        "data": runs[0]["data"],
        "table": table,
        "differences": differences,
        "reading": {f"seed {seed}": run["reading"] for seed, run in enumerate(runs)},
        "training": {f"seed {seed}": run["training"] for seed, run in enumerate(runs)},
        "python": platform.python_version(),
        "torch": version("torch"),
        "scikit-learn": version("scikit-learn"),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def _run(seed: int) -> tuple[dict[str, Any], float]:
    """The results of one seed, and its CPU-seconds."""
    torch.set_num_threads(1)
    contracts = load_contracts(REFERENCE, pipeline.CONTRACTS)
    settings = replace(pipeline.SIZES["small"], seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        result = pipeline.run(settings, contracts, Path(folder), progress=False)
    seconds = round(time.process_time(), 1)
    print(f"seed {seed}: {seconds} CPU-seconds", flush=True)
    return result, seconds


def _over_seeds(rows: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """One row for all seeds: [mean, smallest, largest] of what differs between them."""
    joint: dict[str, Any] = {}
    for name, first in rows[0].items():
        values = [row[name] for row in rows]
        same = all(value == first for value in values)
        joint[name] = (
            first if same else [round(sum(values) / len(values), 4), min(values), max(values)]
        )
    return joint


def _line(row: dict[str, Any]) -> str:
    name, *values = row.values()
    return f"{name:52} " + "  ".join(f"{_cell(value):>20}" for value in values)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return f"{value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]"
    return f"{value:.3f}" if isinstance(value, float) else "-" if value is None else str(value)


if __name__ == "__main__":
    main()
