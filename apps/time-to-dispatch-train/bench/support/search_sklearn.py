"""The same search in scikit-learn: prints the CPU seconds of GridSearchCV.fit alone, as JSON.

usage: python3 search_sklearn.py ORDERS.csv
"""

import json
import sys
import time

import pandas
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.tree import DecisionTreeRegressor

orders = pandas.read_csv(sys.argv[1])
train, _ = train_test_split(orders, test_size=0.2, stratify=orders["product_code"], random_state=42)
features = train[["product_code", "orders_placed"]].assign(
    product_code=train["product_code"].astype("category").cat.codes
)
grid = {
    "criterion": ["squared_error", "absolute_error"],
    "max_depth": [*range(2, 11), None],
    "min_samples_leaf": [*range(2, 11)],
    "min_samples_split": [*range(2, 11)],
}
search = GridSearchCV(DecisionTreeRegressor(random_state=42), grid, scoring="r2", cv=5)
started = time.process_time()
search.fit(features.to_numpy(float), train["hours_to_dispatch"])
print(json.dumps({"cpu_s": time.process_time() - started, "best": search.best_params_}))
