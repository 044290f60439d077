import type { MlCart } from "./ml-cart-types.js";

/**
 * Load ml-cart, and the matrix library that it needs, when a tree is first converted: a search needs neither.
 *
 * The module is CommonJS because an import would load ml-cart at once, and `createRequire` would hide it from bundlers.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-return -- ml-cart has no types
const loadMlCart = (): MlCart => require("ml-cart");

export = loadMlCart;
