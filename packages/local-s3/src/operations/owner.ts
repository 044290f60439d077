import { element, type Xml } from "../xml/write-xml.js";

/** There is one user. */
export const owner: readonly Xml[] = [element("ID", "local"), element("DisplayName", "local")];
