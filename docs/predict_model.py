"""Predict with the file of a tree: python3 predict_model.py MODEL.json"""
import json, struct, sys

def predict(model, inputs):
    row = []
    for feature in model["features"]:
        value = inputs[feature["name"]]
        if feature["type"] == "category":
            value = feature["categories"].index(value)  # an unknown category is a ValueError
        row.append(struct.unpack("f", struct.pack("f", value))[0])  # trees compare 32-bit floats
    node = model["model"]["root"]
    while "left" in node:
        node = node["left"] if row[node["splitColumn"]] < node["splitValue"] else node["right"]
    return node["distribution"]

model = json.load(open(sys.argv[1], encoding="utf-8"))
examples = model["metadata"]["examples"]
equal = sum(predict(model, example) == example["prediction"] for example in examples)
print(f"{equal} of {len(examples)} examples reproduced")
sys.exit(equal < len(examples))
