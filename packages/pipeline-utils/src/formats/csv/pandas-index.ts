/**
 * The name that `pandas.read_csv`, and so `readCsv`, gives a first column without one: so `DataFrame.to_csv` writes its index
 * unless it is told otherwise.
 */
export const PANDAS_INDEX = "Unnamed: 0";
