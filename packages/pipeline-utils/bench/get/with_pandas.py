"""usage: python3 with_pandas.py BUCKET FOLDER     (Debian: apt-get install python3-pandas python3-boto3)

Does as the original package does: list the folder, take the newest key, read its body with pandas.
"""
import io
import os
import sys

import boto3
import pandas

bucket, folder = sys.argv[1:3]
client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])
listing = client.list_objects_v2(Bucket=bucket, Prefix=folder + "/")
key = max(entry["Key"] for entry in listing["Contents"])
body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
print(len(pandas.read_csv(io.BytesIO(body))))
