import { homeOf } from "@upkeep/client/service/home";
import { expect, test } from "vitest";

test.each([
  ["/etc/service/web", "web", "/etc/service"],
  ["./service/web//", "web", "./service"],
  ["web/", "web", "."],
  ["/web", "web", "/"],
  ["/srv/ze\udcffro", "ze\udcffro", "/srv"],
  ["/a\nb/c\nd", "c\nd", "/a\nb"],
])("the service at %j is %j in %j", (path, name, siblings) => {
  expect(homeOf({ label: "x", path })).toEqual({ name, siblings });
});

test("a path through a descriptor does not count where there is another one, nor does a path of dots", () => {
  const home = { name: "web", siblings: "/srv" };
  expect(homeOf({ label: "x", path: "/proc/self/fd/5", place: "/srv/web" })).toEqual(home);
  expect(homeOf({ label: "x", path: "/srv/web/log/.." })).toEqual(home);
  expect(homeOf({ label: "x", path: null })).toBeNull();
});
