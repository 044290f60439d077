import { describe, expect, test } from "@jest/globals";
import { extrapolationInWords, faultInWords } from "../public/words.js";

const PRODUCT = { name: "product_code", type: "category" };
const ORDERS = { name: "orders_placed", type: "number" };
const PARCELS = { name: "parcels", type: "number", integer: true };
const fault = (type: string, limit?: number) => ({
  type,
  msg: "in the API's words",
  ...(limit !== undefined && { ctx: { limit_value: limit } }),
});

describe("the page's words for a fault", () => {
  test.each<[Parameters<typeof faultInWords>[0], Parameters<typeof faultInWords>[1], string]>([
    [PRODUCT, fault("value_error.missing"), "Choose a product code"],
    [{ name: "order_type", type: "category" }, fault("type_error.enum"), "Choose an order type"],
    [{ name: "express", type: "boolean" }, fault("type_error.bool"), "Choose yes or no"],
    [ORDERS, fault("type_error.none.not_allowed"), "Enter a number"],
    [ORDERS, fault("type_error.float"), "Enter a number"],
    [PARCELS, fault("type_error.integer"), "Enter a whole number"],
    [PARCELS, fault("value_error.number.not_ge", 1), "Enter 1 or more"],
    [PARCELS, fault("value_error.number.not_le", 20), "Enter 20 or less"],
    [ORDERS, fault("value_error.number.not_le", 3.4e38), "Enter a smaller number"],
    [ORDERS, fault("value_error.number.not_ge", -3.4e38), "Enter a greater number"],
    [ORDERS, fault("value_error.other"), "in the API's words"],
    [undefined, fault("value_error.missing"), "in the API's words"],
  ])("asks for a value of %j after %j", (feature, given, words) => {
    expect(faultInWords(feature, given)).toBe(words);
  });
});

test("names the inputs that the model was not trained for, and that there are more", () => {
  expect(extrapolationInWords("orders_placed, gr%C3%B6%C3%9Fe, ...")).toBe(
    "Outside the training data: orders placed, größe, others. Treat this prediction as a guess.",
  );
});
