import { resolve } from "node:path";
import { expect, test } from "vitest";

import { directoryOf, lastNameOf, resolveName } from "../../src/fd/resolve-name.ts";

test("a path in UTF-8 is resolved as ever", () => {
  expect(resolveName("/größe/./web/")).toBe("/größe/web");
  expect(resolveName("web")).toBe(resolve("web"));
  expect([lastNameOf("/größe/web/"), lastNameOf("."), lastNameOf("/")]).toEqual(["web", lastNameOf(resolve(".")), ""]);
});

test("a path that is not UTF-8 keeps its bytes", () => {
  expect(resolveName("/größe/../caf\udce9//ü/")).toBe("/caf\udce9/ü");
  expect(resolveName("caf\udce9")).toBe(`${resolve(".")}/caf\udce9`);
  expect(lastNameOf("x/caf\udce9/")).toBe("caf\udce9");
  expect(["/caf\udce9/web", "/caf\udce9", "/"].map(directoryOf)).toEqual(["/caf\udce9", "/", "/"]);
});
