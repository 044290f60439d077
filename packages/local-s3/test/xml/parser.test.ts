import { describe, expect, test } from "@jest/globals";
import { childText, parseXml } from "../../src/xml/parser.js";

const parse = (text: string) => parseXml(Buffer.from(text));

describe("parseXml", () => {
  test("returns elements and text, also of elements with attributes", () => {
    const document = parse(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><!-- two -->' +
        "<Object><Key>a</Key></Object><Object><Key >b</Key ></Object><Quiet/></Delete>\n",
    );
    expect(document.name).toBe("Delete");
    expect(document.children.map(({ name }) => name)).toEqual(["Object", "Object", "Quiet"]);
    expect(document.children.map((object) => childText(object, "Key"))).toEqual(["a", "b", undefined]);
  });

  test("removes namespace prefixes from names", () => {
    expect(parse('<s3:A xmlns:s3="urn:x"><s3:B>c</s3:B></s3:A>')).toMatchObject({
      name: "A",
      children: [{ name: "B", text: "c" }],
    });
  });

  test("resolves the five entities, character references and CDATA", () => {
    expect(parse("<k>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;<![CDATA[<&x;>]]></k>").text).toBe(
      "<>&\"'A😀<&x;>",
    );
  });

  test("accepts a byte order mark", () => {
    expect(parse("\uFEFF<k>v</k>").text).toBe("v");
  });

  const hostile: readonly (readonly [what: string, text: string])[] = [
    ["nothing", ""],
    ["text only", "hello"],
    ["no end", "<a><b></b>"],
    ["ends crossed", "<a><b></a></b>"],
    ["an end without a start", "<a></a></b>"],
    ["two roots", "<a/><b/>"],
    ["text behind the root", "<a/>text"],
    ["a DOCTYPE", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ["an external entity", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
    ["an entity of one's own", "<a>&x;</a>"],
    ["a bare ampersand", "<a>b & c</a>"],
    ["a reference to no character", "<a>&#0;</a>"],
    ["a reference to half a character", "<a>&#xD800;</a>"],
    ["a reference beyond Unicode", "<a>&#x110000;</a>"],
    ["a processing instruction", "<a><?php evil ?></a>"],
    ["an attribute without quotes", "<a b=c/>"],
    ["a bare less-than", "<a>1 < 2</a>"],
    ["17 levels", "<a>".repeat(17) + "</a>".repeat(17)],
    ["a million levels", "<a>".repeat(1_000_000)],
    ["a comment without end", `<a><!--${"-".repeat(1_000_000)}`],
    ["an attribute list without end", `<a ${'b="c" '.repeat(100_000)}`],
    ["white space without end", `<a${" ".repeat(1_000_000)}`],
  ];
  for (const [what, text] of hostile) {
    test(`rejects ${what}`, () => {
      expect(() => parse(text)).toThrow("The XML you provided was not well-formed");
    });
  }

  test("rejects bytes that are not UTF-8", () => {
    expect(() => parseXml(Uint8Array.of(0x3c, 0x61, 0x3e, 0xff))).toThrow("not well-formed");
  });
});
