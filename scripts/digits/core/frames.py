"""pandas, imported without pyarrow, which takes a third of its import.

With pyarrow, pandas would only keep texts in another way in memory. Programs that read Parquet
import pyarrow themselves, and use no pandas for it.
"""

from digits.core.imports import withheld

with withheld("pyarrow"):
    import pandas as pd

__all__ = ["pd"]
