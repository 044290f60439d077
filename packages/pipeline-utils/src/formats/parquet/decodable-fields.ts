import {
  DataType,
  Dictionary,
  type Field,
  FixedSizeList,
  LargeList,
  List,
  type Schema,
  Struct,
  Utf8,
} from "apache-arrow";

/**
 * Fields of the types that the decoder has: it takes dictionaries of Utf8, and not of Utf8View, which Polars keeps its categories
 * in. Parquet has one kind of text, and the schema says only as what it is to be read.
 */
export function decodableFields(fields: Schema["fields"]): Schema["fields"] {
  const changed = fields.map(decodableField);
  return changed.every((field, index) => field === fields[index]) ? fields : changed;
}

function decodableField<T extends DataType>(field: Field<T>): Field {
  const type = decodableType(field.type);
  return type === field.type ? field : field.clone({ type });
}

function decodableType(type: DataType): DataType {
  if (DataType.isDictionary(type)) {
    const { indices, id, isOrdered } = type;
    return DataType.isUtf8View(type.dictionary) ? new Dictionary(new Utf8(), indices, id, isOrdered) : type;
  }
  if (DataType.isStruct(type)) {
    const fields = decodableFields(type.children);
    return fields === type.children ? type : new Struct(fields);
  }
  return isListLike(type) ? decodableList(type) : type;
}

function isListLike(type: DataType): type is List | LargeList | FixedSizeList {
  return DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type);
}

function decodableList(type: List | LargeList | FixedSizeList): DataType {
  const item = decodableField(type.valueField);
  if (item === type.valueField) return type;
  if (DataType.isList(type)) return new List(item);
  return DataType.isLargeList(type) ? new LargeList(item) : new FixedSizeList(type.listSize, item);
}
