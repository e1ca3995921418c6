"""Two-tower models against the baselines, on all products: NEW items, ALL items, cold items.

    python bench/recommender.py

Everything is fitted before week 49 and measured on weeks 49 to 53; choices are made on weeks 45 to
48. Three training seeds; intervals are bootstraps over households. An interrupted run goes on.
"""

from __future__ import annotations

import json
from pathlib import Path

from autograder.contracts import load_contracts
from shelfspace.data import cache_folder
from shelfspace.pipelines import recommender
from shelfspace.runs import figures_text

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "bench" / "results" / "recommender.json"
REFERENCE = ROOT / "solutions" / "recommender" / "recommender.ipynb"


def main() -> None:
    contracts = load_contracts(REFERENCE, recommender.CONTRACTS)
    figures = recommender.run(recommender.BENCH, contracts, cache_folder() / "bench-recommender")
    record = {"command": "python bench/recommender.py", "figures": figures}
    RESULT.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    print(figures_text(figures))


if __name__ == "__main__":
    main()
