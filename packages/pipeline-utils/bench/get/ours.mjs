// usage: node ours.mjs BUCKET FOLDER     gets the newest CSV dataset and prints its rows
import { getLatestCsvDatasetFromS3 } from "@ml-pipelines/pipeline-utils";

const [bucket = "", folder = ""] = process.argv.slice(2);
const { data } = await getLatestCsvDatasetFromS3(bucket, { folder });
console.log(data.numRows);
