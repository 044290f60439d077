// The bytes of ASCII that CSV, numbers and truth values are made of.

export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;
export const SPACE = 32;
export const QUOTE = 34;
export const PLUS = 43;
export const COMMA = 44;
export const MINUS = 45;
export const POINT = 46;
export const ZERO = 48;
export const NINE = 57;
export const UPPER_F = 70;
export const LOWER_A = 97;
export const LOWER_E = 101;
export const LOWER_F = 102;
export const LOWER_I = 105;
export const LOWER_N = 110;
export const LOWER_T = 116;
/** The bit that makes a lower-case letter of an upper-case one. */
export const LOWER_CASE_BIT = 32;
