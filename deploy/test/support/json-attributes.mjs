/**
 * Node and Jest want `with { type: "json" }` where a module imports JSON. GitHub's language service, written for bundlers,
 * leaves it out.
 *
 * @type {{ process: (source: string) => { code: string } }}
 */
export default {
  process: (source) => ({ code: source.replaceAll(/(from ".*\.json");/g, '$1 with { type: "json" };') }),
};
