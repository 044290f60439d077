"""Use a bucket with boto3, and print what each step returned as JSON. usage: boto3-session.py ENDPOINT BUCKET"""
import json
import sys
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig

endpoint, bucket = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=endpoint)
parts = TransferConfig(multipart_threshold=5 * 2**20, multipart_chunksize=5 * 2**20)
results = {}

s3.upload_file("tree/large.bin", bucket, "t/large.bin", Config=parts, ExtraArgs={"Metadata": {"k": "v"}})
s3.upload_file("tree/a.txt", bucket, "t/a.txt", ExtraArgs={"Tagging": "a=1"})
s3.copy({"Bucket": bucket, "Key": "t/large.bin"}, bucket, "u/large.bin", Config=parts)
s3.download_file(bucket, "u/large.bin", "back.bin", Config=parts)
with open("tree/large.bin", "rb") as sent, open("back.bin", "rb") as received:
    results["same bytes"] = sent.read() == received.read()
results["metadata"] = s3.head_object(Bucket=bucket, Key="t/large.bin")["Metadata"]

pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
results["pages"] = [[entry["Key"] for entry in page["Contents"]] for page in pages]

results["tags"] = s3.get_object_tagging(Bucket=bucket, Key="t/a.txt")["TagSet"]
s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "x"}]})
results["bucket tags"] = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
attributes = s3.get_object_attributes(
    Bucket=bucket, Key="t/large.bin", ObjectAttributes=["ObjectParts", "ObjectSize"]
)
results["attributes"] = [attributes["ObjectParts"]["TotalPartsCount"], attributes["ObjectSize"]]

put = s3.put_object(Bucket=bucket, Key="t/sum", Body=b"sum", ChecksumAlgorithm="SHA256")
results["checksum"] = put["ChecksumSHA256"]

s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
s3.put_object(Bucket=bucket, Key="t/a.txt", Body=b"second")
s3.delete_object(Bucket=bucket, Key="t/a.txt")
versions = s3.list_object_versions(Bucket=bucket, Prefix="t/a.txt")
results["versions"] = [len(versions["Versions"]), len(versions["DeleteMarkers"])]
first = versions["Versions"][-1]["VersionId"]
results["first version"] = s3.get_object(Bucket=bucket, Key="t/a.txt", VersionId=first)["Body"].read().decode()

url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "t/signed", "ContentType": "text/x"})
request = urllib.request.Request(url, b"signed", {"Content-Type": "text/x"}, method="PUT")
urllib.request.urlopen(request)
url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "t/signed"})
results["presigned"] = urllib.request.urlopen(url).read().decode()

keys = [{"Key": "t/signed"}, {"Key": "u/large.bin"}]
results["deleted"] = len(s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})["Deleted"])
print(json.dumps(results))
