import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { watchSupervise } from "@upkeep/sv/wait/supervise-watch";
import { afterAll, describe, expect, test } from "vitest";

import { makeServices, up } from "../../../client/test/helpers/services.ts";

const services = makeServices();
afterAll(() => services.dispose());

const long = 20_000;

describe("watch of a supervise directory", () => {
  test("wakes at each new status, also one that came while nobody waited", async () => {
    const { path } = services.supervise("web");
    const watch = watchSupervise(path);
    try {
      for (let count = 0; count < 5; count++) {
        const change = watch.change(long);
        services.publish("web", { ...up, pid: count });
        expect(await change).toBe(true);
      }
      services.publish("web", up);
      expect(await watch.change(long)).toBe(true);
    } finally {
      watch.close();
    }
  });

  test("gives up after the time, also where there is nothing to watch", async () => {
    mkdirSync(join(services.root, "bare"));
    for (const name of ["bare", "missing"]) {
      const watch = watchSupervise(join(services.root, name));
      expect(await watch.change(5)).toBe(false);
      watch.close();
    }
  });

  test("outlives the directory", async () => {
    const { path } = services.supervise("passing");
    const watch = watchSupervise(path);
    rmSync(join(path, "supervise"), { recursive: true });
    // The events of the removal itself may take a moment on a busy machine. Then there are no more.
    let quiet = 0;
    while (quiet < 3) quiet = (await watch.change(10)) ? 0 : quiet + 1;
    expect(existsSync(join(path, "supervise"))).toBe(false);
    watch.close();
  });
});
