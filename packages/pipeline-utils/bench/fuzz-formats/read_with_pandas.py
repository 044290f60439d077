"""usage: python3 read_with_pandas.py FILE     (prints the columns as JSON, numbers as their shortest texts)"""
import json
import sys

import pandas

frame = pandas.read_csv(
    sys.argv[1], float_precision="round_trip", keep_default_na=False, na_values=[""], low_memory=False
)


def cell(value):
    if isinstance(value, str):
        return value
    return None if value != value else repr(float(value))


print(json.dumps({name: [cell(value) for value in frame[name].tolist()] for name in frame.columns}))
