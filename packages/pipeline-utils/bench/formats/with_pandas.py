"""usage: python3 with_pandas.py read-csv|read-csv-warm|write-csv FILE     (Debian: apt-get install python3-pandas)"""
import io
import json
import resource
import sys
import time

import pandas

task, path = sys.argv[1:3]
with open(path, "rb") as file:
    body = file.read()
frame = pandas.read_csv(io.BytesIO(body)) if task == "write-csv" else None
if task == "read-csv-warm":
    for _ in range(4):
        pandas.read_csv(io.BytesIO(body))
before = time.process_time()
if task.startswith("read-csv"):
    pandas.read_csv(io.BytesIO(body))
else:
    frame.to_csv(io.BytesIO(), index=False)
cpu = time.process_time() - before
print(json.dumps({"cpu": cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6}))
