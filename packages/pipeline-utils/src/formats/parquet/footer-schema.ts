import { withArrowFields } from "./arrow-schema.js";
import {
  FileMetaData,
  integerOf,
  listOf,
  SchemaElement,
  structsOf,
  textOf,
  withFields,
} from "./footer-fields.js";
import { type Footer } from "./footer.js";
import { type ThriftStruct } from "./thrift-value.js";

/** A footer of some columns only. */
export function selectColumns({ struct, rows, rowGroups }: Footer, columns: ReadonlySet<string>): Footer {
  return {
    struct: selectedStruct(struct, columns),
    rows,
    rowGroups: rowGroups.map((group) => ({
      ...group,
      chunks: group.chunks.filter(({ column }) => columns.has(column)),
    })),
  };
}

/** Its row groups are left as they are. */
function selectedStruct(footer: ThriftStruct, columns: ReadonlySet<string>): ThriftStruct {
  const [root, ...elements] = structsOf(footer, FileMetaData.schema);
  if (root === undefined) throw new RangeError("the schema is empty");
  const selected: ThriftStruct[] = [];
  const isLeafSelected: boolean[] = [];
  let count = 0;
  for (let at = 0; at < elements.length;) {
    const size = subtreeSize(elements, at);
    const subtree = elements.slice(at, at + size);
    const isSelected = columns.has(textOf(subtree[0]!, SchemaElement.name));
    for (const element of subtree) if (childrenOf(element) === 0) isLeafSelected.push(isSelected);
    if (isSelected) {
      selected.push(...subtree);
      count++;
    }
    at += size;
  }
  const schema = listOf([withFields(root, { [SchemaElement.children]: BigInt(count) }), ...selected]);
  const changed = withFields(footer, {
    [FileMetaData.schema]: schema,
    ...selectedOrders(footer, isLeafSelected),
  });
  return withArrowFields(changed, (fields) => fields.filter(({ name }) => columns.has(name)));
}

/** How many elements an element and all below it are; the schema lists them depth first. */
function subtreeSize(elements: readonly ThriftStruct[], start: number): number {
  let at = start;
  for (let open = 1; open > 0; at++) {
    const element = elements[at];
    if (element === undefined) throw new RangeError("the schema ends too early");
    open += childrenOf(element) - 1;
  }
  return at - start;
}

function childrenOf(element: ThriftStruct): number {
  return element.has(SchemaElement.children) ? integerOf(element, SchemaElement.children) : 0;
}

/** How the statistics of each leaf are ordered. */
function selectedOrders(
  footer: ThriftStruct,
  isSelected: readonly boolean[],
): Record<number, ReturnType<typeof listOf>> {
  if (!footer.has(FileMetaData.columnOrders)) return {};
  const orders = structsOf(footer, FileMetaData.columnOrders).filter((_, leaf) => isSelected[leaf]);
  return { [FileMetaData.columnOrders]: listOf(orders) };
}
