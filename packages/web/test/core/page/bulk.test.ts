import { describe, expect, test } from "vitest";

import { mainActions } from "@upkeep/web/core/page/actions";
import { bulkOf, questionOf, tellBulk } from "@upkeep/web/core/page/bulk";
import { fullName } from "@upkeep/web/core/page/rows";

import { down, off, service, snapshot, unsupervised } from "./services.ts";

const { start, stop, restart } = mainActions;

describe("an action for all that are shown", () => {
  const shown = [
    service(snapshot("db")),
    service(snapshot("cron", off)),
    service(snapshot("mail", down)),
    service(unsupervised),
    service(snapshot("web"), { place: "user" }),
  ];
  const names = (action: typeof start): readonly string[] => bulkOf(action, shown).services.map(fullName);

  test("is for those for which it makes sense, and a restart starts nothing that is wanted down", () => {
    expect(names(start)).toEqual(["cron", "mail"]);
    expect(names(stop)).toEqual(["db", "mail", "user:web"]);
    expect(names(restart)).toEqual(["db", "mail", "user:web"]);
    expect(bulkOf(stop, shown).leftOut).toBe(2);
  });

  test("asks with the number and the names, and says whom it leaves out", () => {
    expect(questionOf(bulkOf(stop, shown))).toEqual({
      title: "Stop 3 services?",
      names: "db, mail, user:web",
      leftOut: "2 more of those that are shown stay as they are: there is nothing to do.",
    });
    const one = questionOf(bulkOf(stop, shown.slice(0, 1)));
    expect([one.title, one.leftOut]).toEqual(["Stop 1 service?", ""]);
    const many = Array.from({ length: 1000 }, (_, index) => service(snapshot(`s${index}`)));
    const { title, names: listed } = questionOf(bulkOf(restart, many));
    expect(title).toBe("Restart 1000 services?");
    expect(listed).toMatch(/^s0, s1, .*, s39 and 960 more$/);
  });

  test("tells what came of it", () => {
    const bulk = bulkOf(stop, shown);
    const refusal = { name: "db", message: "access denied" };
    expect(tellBulk(bulk, [])).toBe("Stop was sent to 3 services");
    expect(tellBulk(bulk, [refusal])).toBe("Stop was sent to 2 of 3 services. db: access denied");
    expect(tellBulk(bulk, [refusal, refusal])).toBe(
      "Stop was sent to 1 of 3 services. db: access denied, and 1 more could not be asked",
    );
  });
});
