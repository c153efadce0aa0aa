"""Where the synthetic data set stands: it travels with the package."""

from pathlib import Path

SYNTHETIC_DATASET = Path(__file__).parent / "synthetic.jsonl"
