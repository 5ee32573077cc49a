import { expect, test } from "vitest";

import { descendantsOf } from "../../src/processes/descendants.ts";

test("descendants are found through the generations", () => {
  const processes = [
    { pid: 1, parent: 0 },
    { pid: 2, parent: 1 },
    { pid: 3, parent: 2 },
    { pid: 4, parent: 0 },
    { pid: 5, parent: 4 },
  ];
  expect([...descendantsOf(1, processes)].toSorted((one, other) => one - other)).toEqual([2, 3]);
});
