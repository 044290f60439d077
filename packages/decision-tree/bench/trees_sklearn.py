"""scikit-learn's part of the benchmark: CPU seconds of a fit, or of the full grid, as one JSON line.

usage: python3 trees_sklearn.py LIMIT fit FILE ROWS CRITERION
       python3 trees_sklearn.py LIMIT grid FILE ROWS
       python3 trees_sklearn.py LIMIT cold FILE ROWS GRID N_JOBS      once; GRID is JSON, null for a single fit
Ends with exit code 1 where it takes more than LIMIT CPU seconds.
"""
import json
import os
import sys
import threading
import time

import numpy as np
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeRegressor


def fit(x, y, criterion):
    times = []
    while not times or (len(times) < 200 and sum(times) < 2):
        start = time.process_time()
        tree = DecisionTreeRegressor(criterion=criterion, min_samples_leaf=5, random_state=0).fit(x, y)
        times.append(time.process_time() - start)
    return {"cpu": min(times), "nodes": tree.tree_.node_count}


def grid(x, y):
    sizes = [*range(2, 11)]
    points = {
        "criterion": ["squared_error", "absolute_error"],
        "max_depth": [*sizes, None],
        "min_samples_leaf": sizes,
        "min_samples_split": sizes,
    }
    start = time.process_time()
    search = GridSearchCV(DecisionTreeRegressor(random_state=42), points, scoring="r2", cv=5).fit(x, y)
    cpu = time.process_time() - start
    best = " ".join(str(value).lower() for value in search.best_params_.values())
    return {"cpu": cpu, "best": f"{best} {search.best_score_:.9f}"}


def cold(x, y, points, jobs):
    start, began = time.process_time(), time.perf_counter()
    if json.loads(points) is None:
        DecisionTreeRegressor(min_samples_leaf=5, random_state=0).fit(x, y)
    else:
        tree = DecisionTreeRegressor(random_state=42)
        GridSearchCV(tree, json.loads(points), scoring="r2", cv=5, n_jobs=int(jobs)).fit(x, y)
    seconds = {"cpu": time.process_time() - start, "wall": time.perf_counter() - began}
    return {**seconds, "total": time.process_time()}


def watch(seconds):
    """Not by RLIMIT_CPU: under it, Linux counts the CPU time of a process in ticks of 4 ms."""
    while time.process_time() < seconds:
        time.sleep(0.1)
    os._exit(1)


limit, mode, file, rows, *rest = sys.argv[1:]
columns = np.fromfile(file).reshape(-1, int(rows))
features, labels = np.ascontiguousarray(columns[:-1].T, dtype=np.float32), columns[-1].copy()
threading.Thread(target=watch, args=[time.process_time() + float(limit)], daemon=True).start()
print(json.dumps({"fit": fit, "grid": grid, "cold": cold}[mode](features, labels, *rest)))
