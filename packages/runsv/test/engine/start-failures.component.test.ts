import { errno } from "@upkeep/linux/core/errno";
import { afterAll, expect, test } from "vitest";

import { StartFailures } from "../../src/engine/start-failures.ts";
import { recordDiagnostics } from "../helpers/diagnostics.ts";
import { makeDirectories } from "../helpers/directories.ts";

const directories = makeDirectories("start-failures");
afterAll(directories.remove);

test("only the want of a process makes a start of ./run be tried again", () => {
  const { directory } = directories.make();
  const { say } = recordDiagnostics();
  const failures = new StartFailures(say);
  const retried = Object.entries(errno).filter(([, number]) => failures.ofScript(directory, "run", "./run", number));
  expect(retried.map(([name]) => name)).toEqual(["EAGAIN", "EWOULDBLOCK", "ENOMEM"]);
});

test("a ./check is tried again after whatever may pass by itself", () => {
  const place = directories.make();
  place.write("check", "#!/missing/sh\n");
  const { say } = recordDiagnostics();
  const failures = new StartFailures(say);
  const given = Object.entries(errno).filter(([, number]) => !failures.ofCheck(place.directory, number));
  expect(given.map(([name]) => name)).toEqual(["ENOENT", "ENOEXEC", "EACCES"]);
});

test("a script that names an interpreter which is no program is not said to lack one", () => {
  const place = directories.make();
  place.write("run", "#!/etc/passwd\n");
  const { say, said } = recordDiagnostics();
  new StartFailures(say).ofScript(place.directory, "run", "./run", errno.ENOEXEC);
  expect(said).toEqual(["fatal: unable to start ./run: exec format error"]);
});

test("a ./check that starts makes room for the next warning of the same trouble", () => {
  const { directory } = directories.make();
  const { say, said } = recordDiagnostics();
  const failures = new StartFailures(say);
  failures.ofCheck(directory, errno.ETXTBSY);
  failures.ofCheck(directory, errno.ETXTBSY);
  failures.checkStarted();
  failures.ofCheck(directory, errno.ETXTBSY);
  const warning = "warning: unable to run ./check: text busy";
  expect(said).toEqual([warning, warning]);
});
