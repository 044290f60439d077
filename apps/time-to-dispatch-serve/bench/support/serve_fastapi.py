"""The yardstick: the endpoint of the article's serve_model.py in FastAPI, with a scikit-learn tree.

usage: python3 serve_fastapi.py DATASET.csv PORT      (Debian: apt-get install python3-fastapi uvicorn python3-sklearn python3-pandas)

The tree has the settings that the grid search of the training stage finds for the article's data. It is grown at the start, where the
original would unpickle it: about 5 ms of the start.
"""
import sys
from enum import Enum

import uvicorn
from fastapi import FastAPI
from numpy import array
from pandas import read_csv
from pydantic import BaseModel, Field
from sklearn.tree import DecisionTreeRegressor

data = read_csv(sys.argv[1])
PRODUCT_CODE_MAP = {code: index for index, code in enumerate(sorted(data["product_code"].unique()))}
ProductCode = Enum("ProductCode", {code: code for code in PRODUCT_CODE_MAP})
features = array([data["orders_placed"], data["product_code"].map(PRODUCT_CODE_MAP)]).T
model = DecisionTreeRegressor(max_depth=8, min_samples_leaf=2, min_samples_split=6, random_state=42)
model.fit(features, data["hours_to_dispatch"])
app = FastAPI(debug=False)


class Data(BaseModel):
    product_code: ProductCode
    orders_placed: float = Field(..., ge=0.0)


class Prediction(BaseModel):
    est_hours_to_dispatch: float
    model_version: str


@app.post("/api/v0.1/time_to_dispatch", response_model=Prediction)
def time_to_dispatch(data: Data) -> dict:
    features = array([[data.orders_placed, PRODUCT_CODE_MAP[data.product_code.value]]])
    prediction = model.predict(features).tolist()[0]
    return {"est_hours_to_dispatch": prediction, "model_version": "name:time-to-dispatch|model_type:" + str(type(model))}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), workers=1, log_level="warning", access_log=False)
