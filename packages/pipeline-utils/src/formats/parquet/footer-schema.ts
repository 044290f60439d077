import {
  FILE_META_DATA,
  integerField,
  SCHEMA_ELEMENT,
  structList,
  structListField,
  textField,
  withFields,
} from "./footer-fields.js";
import { withArrowFields } from "./arrow-schema.js";
import type { Footer } from "./footer.js";
import type { ThriftStruct, ThriftValue } from "./thrift.js";

/** How parquet-cpp annotated columns of nulls before the format had a type for them. */
const NULLS_CONVERTED_TYPE = 24n;

/**
 * A footer without annotations that the decoder rejects. A column of nulls thereby has its physical type.
 *
 * @see https://github.com/apache/arrow/blob/apache-arrow-17.0.0/cpp/src/parquet/types.h
 */
export function withDecodableElements(footer: ThriftStruct): ThriftStruct {
  const elements = structListField(footer, FILE_META_DATA.schema).map((element) =>
    element.get(SCHEMA_ELEMENT.convertedType)?.value === NULLS_CONVERTED_TYPE
      ? withFields(element, { [SCHEMA_ELEMENT.convertedType]: undefined })
      : element,
  );
  return withFields(footer, { [FILE_META_DATA.schema]: structList(elements) });
}

/** A footer of some columns only. */
export function selectColumns({ struct, rows, rowGroups }: Footer, columns: ReadonlySet<string>): Footer {
  return {
    struct: withSelectedSchema(struct, columns),
    rows,
    rowGroups: rowGroups.map((group) => ({
      ...group,
      chunks: group.chunks.filter(({ column }) => columns.has(column)),
    })),
  };
}

/** A footer with the schema of some columns, and its row groups unchanged. */
function withSelectedSchema(footer: ThriftStruct, columns: ReadonlySet<string>): ThriftStruct {
  const [root, ...elements] = structListField(footer, FILE_META_DATA.schema);
  if (root === undefined) {
    throw new RangeError("the schema is empty");
  }
  const selected: ThriftStruct[] = [];
  const isLeafSelected: boolean[] = [];
  let count = 0;
  for (const { name, subtree } of columnSubtrees(elements)) {
    const isSelected = columns.has(name);
    isLeafSelected.push(...subtree.filter(isLeaf).map(() => isSelected));
    if (isSelected) {
      selected.push(...subtree);
      count++;
    }
  }
  const changed = withFields(footer, {
    [FILE_META_DATA.schema]: structList([
      withFields(root, { [SCHEMA_ELEMENT.children]: BigInt(count) }),
      ...selected,
    ]),
    ...selectedOrders(footer, isLeafSelected),
  });
  return withArrowFields(changed, (fields) => fields.filter(({ name }) => columns.has(name)));
}

/** The elements of a column, depth first. */
interface ColumnSubtree {
  readonly name: string;
  readonly subtree: readonly ThriftStruct[];
}

/** @param elements - The schema without its root. */
function columnSubtrees(elements: readonly ThriftStruct[]): readonly ColumnSubtree[] {
  const columns: ColumnSubtree[] = [];
  for (let at = 0; at < elements.length;) {
    const subtree = elements.slice(at, at + subtreeSize(elements, at));
    const [top] = subtree;
    if (top !== undefined) {
      columns.push({ name: textField(top, SCHEMA_ELEMENT.name), subtree });
    }
    at += subtree.length;
  }
  return columns;
}

/** Count of an element and everything below it. The schema lists elements depth first. */
function subtreeSize(elements: readonly ThriftStruct[], start: number): number {
  let at = start;
  for (let open = 1; open > 0; at++) {
    const element = elements[at];
    if (element === undefined) {
      throw new RangeError("the schema ends too early");
    }
    open += childCount(element) - 1;
  }
  return at - start;
}

function childCount(element: ThriftStruct): number {
  return element.has(SCHEMA_ELEMENT.children) ? integerField(element, SCHEMA_ELEMENT.children) : 0;
}

/** Whether an element has values of its own. A group has none, not even one without fields. */
function isLeaf(element: ThriftStruct): boolean {
  return element.has(SCHEMA_ELEMENT.type);
}

/** A group without fields, and the column that it belongs to. */
export interface EmptyGroup {
  readonly column: string;
  readonly group: string;
}

/** The groups without fields. A file has no values of them, not even which of them are null. */
export function emptyGroups(footer: ThriftStruct): readonly EmptyGroup[] {
  const elements = structListField(footer, FILE_META_DATA.schema).slice(1);
  return columnSubtrees(elements).flatMap(({ name: column, subtree }) =>
    subtree
      .filter((element) => !isLeaf(element) && childCount(element) === 0)
      .map((element) => ({ column, group: textField(element, SCHEMA_ELEMENT.name) })),
  );
}

/** The number of a leaf's physical type, and the column that it belongs to. */
export interface LeafType {
  readonly column: string;
  readonly type: number;
}

/** The types of the leaves, in the order of the file. */
export function leafTypes(footer: ThriftStruct): readonly LeafType[] {
  const elements = structListField(footer, FILE_META_DATA.schema).slice(1);
  return columnSubtrees(elements).flatMap(({ name: column, subtree }) =>
    subtree.filter(isLeaf).map((leaf) => ({ column, type: integerField(leaf, SCHEMA_ELEMENT.type) })),
  );
}

/** How the statistics of each leaf are ordered: one entry for each leaf. */
function selectedOrders(
  footer: ThriftStruct,
  isLeafSelected: readonly boolean[],
): Record<number, ThriftValue> {
  if (!footer.has(FILE_META_DATA.columnOrders)) {
    return {};
  }
  const orders = structListField(footer, FILE_META_DATA.columnOrders).filter(
    (_, leaf) => isLeafSelected[leaf],
  );
  return { [FILE_META_DATA.columnOrders]: structList(orders) };
}
