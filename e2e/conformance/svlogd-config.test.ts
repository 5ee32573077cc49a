import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { line, rigTest } from "../rig/core/conformance.ts";
import { ipv6, receiveDatagrams } from "../rig/process/datagrams.ts";
import { feedAndSee, lines, log, startLogger } from "../rig/runit/svlogd.ts";
import { logDirectory } from "../rig/runit/log-directory.ts";
import { program } from "../rig/core/needs.ts";
import { ourSuites } from "../rig/core/suites.ts";
import type { TestRig } from "../rig/core/test-rig.ts";

line("LOG-23", "matches patterns against whole lines, and never goes back in one", {
  test: async (rig) => {
    const table: readonly (readonly [pattern: string, line: string, matches: boolean])[] = [
      ["abc", "abc", true],
      ["abc", "abcd", false],
      ["abc", "ab", false],
      ["*", "", true],
      ["*", "anything", true],
      ["a*", "a", true],
      ["a*", "abc", true],
      ["a*", "ba", false],
      ["*pid*", "tcp: pid 4", false],
      ["*: *: pid *", "a: b: pid 4", true],
      ["*ab", "aab", false],
      ["*ab", "ccab", true],
      ["x*a", "xaa", false],
      ["x*a", "xba", true],
      ["+a", "aaa", true],
      ["+a", "aab", false],
      ["+ab", "aab", true],
      ["+ab", "b", false],
      ["+abcd", "a", true],
      ["+abcd", "aab", false],
      ["+abcd", "aabcd", true],
      ["++", "+++", true],
      ["++", "x", false],
      ["**", "with a * in it", true],
      ["**", "without", false],
      ["*+", "a+", false],
      ["", "x", false],
      ["?", "x", false],
      ["[ab]", "a", false],
    ];
    const names = table.map((_, index) => `log${index}`);
    for (const [index, [pattern]] of table.entries()) logDirectory(rig, names[index], "-*", `+${pattern}`, "n0");
    const loggers = await Promise.all(
      table.map(async ([, text], index) => await log(rig, `${text}\n`, [`log${index}`])),
    );
    expect(loggers.map(({ code, stderr }) => [code, stderr])).toEqual(table.map(() => [0, ""]));
    const found = table.map(([pattern, text], index) => {
      const current = rig.read(rig.path(`log${index}/current`));
      expect(["", `${text}\n`]).toContain(current);
      return [pattern, text, current !== ""];
    });
    expect(found).toEqual(table);
  },
});

line("LOG-23", "takes the empty pattern for the empty line only", {
  test: async (rig) => {
    // One directory selects the lines that are not empty, the other the empty ones.
    const some = logDirectory(rig, "some", "-");
    const none = logDirectory(rig, "none", "-*", "+");
    expect(await log(rig, "\na\n\nb\n", ["some", "none"])).toMatchObject({ code: 0, stderr: "" });
    expect([some.current(), none.current()]).toEqual(["a\nb\n", "\n\n"]);
  },
});

line("LOG-23", "compares +X with what an earlier line has left behind the end of a line", {
  stock: async (rig) => {
    const [empty, trailing] = await staleMatches(rig);
    expect(empty).toBe("a\n\n");
    expect(trailing).toBe("b\n\0\n\n");
  },
  ours: async (rig) => {
    const [empty, trailing] = await staleMatches(rig);
    expect(empty).toBe("a\n");
    expect(trailing).toBe("b\n\0\n");
  },
  instead: "compares nothing with what is behind the end of a line",
  because: "whether a line is logged must not depend on the one before",
});

line("LOG-24", "goes by the last pattern that matches", {
  test: async (rig) => {
    const one = logDirectory(rig, "one", "-*", "+a*", "-ab*", "+abc");
    const two = logDirectory(rig, "two", "+abc", "-ab*", "+a*");
    const three = logDirectory(rig, "three", "-b");
    const text = "a\nab\nabc\nabcd\nb\n";
    expect(await log(rig, text, ["one", "two", "three"])).toMatchObject({ code: 0, stderr: "" });
    expect(one.current()).toBe("a\nabc\n");
    expect(two.current()).toBe(text);
    expect(three.current()).toBe("a\nab\nabc\nabcd\n");
  },
});

line("LOG-24", "selects for stderr by e and E alone, and nothing unless told", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "-a*", "ea*", "Eab", "+ac");
    logDirectory(rig, "other", "E*");
    const result = await log(rig, "a\nab\nac\nb\n", ["log", "other"]);
    expect(result).toMatchObject({ code: 0, stdout: "", stderr: "a\nac\n" });
    expect(directory.current()).toBe("ac\nb\n");
  },
});

line("LOG-25", "puts the prefix behind the stamp, in the file, by UDP and on stderr", {
  test: async (rig) => {
    await using datagrams = await receiveDatagrams();
    const directory = logDirectory(rig, "log", "pweb 1: ", "e*", `u127.0.0.1:${datagrams.port}`, "-web*", "+x");
    const result = await log(rig, "x\n", ["-tt", "log"]);
    expect(directory.current()).toMatch(/^\d\S{24} web 1: x\n$/);
    await rig.until("the datagram", () => datagrams.received.length === 1);
    expect([result.stderr, ...datagrams.received]).toEqual([directory.current(), directory.current()]);
  },
});

line("LOG-25", "has the prefix without a stamp, and does not look at it for patterns or LEN", {
  test: async (rig) => {
    const directory = logDirectory(rig, "log", "pweb: ", "-web*", "e*");
    expect(await log(rig, "1234\n12345\n", ["-l", "5", "log"])).toMatchObject({
      code: 0,
      stderr: "web: 1234\nweb: 12345...\n",
    });
    expect(directory.current()).toBe("web: 1234\nweb: 12345\n");
  },
});

line("LOG-30", "sends a datagram for each line with u, cut at LEN with ..., and logs the line whole", {
  test: async (rig) => {
    await using datagrams = await receiveDatagrams();
    const directory = logDirectory(rig, "log", `u127.0.0.1:${datagrams.port}`, "-no*");
    const text = `${"a".repeat(19)}\n${"b".repeat(20)}\n${"c".repeat(3000)}\n`;
    expect(await log(rig, `no\n${text}`, ["-l", "20", "log"])).toMatchObject({ code: 0, stderr: "" });
    await rig.until("three datagrams", () => datagrams.received.length >= 3);
    expect(datagrams.received).toEqual([`${"a".repeat(19)}\n`, `${"b".repeat(20)}...\n`, `${"c".repeat(20)}...\n`]);
    expect(directory.current()).toBe(text);
  },
});

line("LOG-30", "sends by UDP only with U", {
  test: async (rig) => {
    await using datagrams = await receiveDatagrams();
    const directory = logDirectory(rig, "log", `U127.0.0.1:${datagrams.port}`);
    expect(await log(rig, `a\n${"b".repeat(2000)}\nc\n`)).toMatchObject({ code: 0, stderr: "" });
    await rig.until("three datagrams", () => datagrams.received.length >= 3);
    expect(datagrams.received).toEqual(["a\n", `${"b".repeat(1000)}...\n`, "c\n"]);
    expect(directory.current()).toBe("");
    expect(directory.names()).toEqual(["config", "current", "lock"]);
  },
});

line("LOG-30", "logs a failure to send, before the line", {
  stock: async (rig) => {
    const directory = logDirectory(rig, "log", notAllowed);
    expect(await log(rig, "a\nb\n")).toMatchObject({ code: 0, stderr: "" });
    const failure = "warning: failure sending through udp: ";
    expect(directory.current()).toBe(`${failure}a\na\n${failure}b\nb\n`);
  },
  ours: async (rig) => {
    const directory = logDirectory(rig, "log", notAllowed);
    expect(await log(rig, "a\nb\n")).toMatchObject({ code: 0, stderr: "" });
    const failure = "warning: failure sending through udp: ";
    expect(directory.current()).toBe(`a\nb\n${failure}a\n${failure}b\n`);
  },
  instead: "logs a failure to send, behind the lines",
  because: "datagrams are sent in the background, so that lines do not wait for them",
});

line("LOG-30", "makes a socket for each datagram", {
  needs: program("strace", "strace"),
  stock: async (rig) => {
    await using datagrams = await receiveDatagrams();
    expect(await socketsMade(rig, datagrams.port)).toBe(20);
    await rig.until("the datagrams", () => datagrams.received.length === 20);
  },
  ours: async (rig) => {
    await using datagrams = await receiveDatagrams();
    expect(await socketsMade(rig, datagrams.port)).toBe(1);
    await rig.until("the datagrams", () => datagrams.received.length === 20);
    expect(datagrams.senders.size).toBe(1);
    expect(datagrams.received.join("")).toBe(lines(1, 20));
  },
  instead: "makes one socket for all datagrams",
  because: "a socket for each line costs more than the line",
});

for (const [setting, complaint] of [
  ["uhost", "unable to scan ip address: host"],
  ["u1.2.3", "unable to scan ip address: 1.2.3"],
  ["u127.0.0.1:0", "unable to scan port number: 0"],
  ["u127.0.0.1:syslog", "unable to scan port number: syslog"],
] as const) {
  line("LOG-31", `warns of ${setting}, and logs without`, {
    test: async (rig) => {
      const directory = logDirectory(rig, "log", setting);
      expect(await log(rig, "a\n")).toMatchObject({ code: 0, stderr: `svlogd: warning: ${complaint}\n` });
      expect(directory.current()).toBe("a\n");
    },
  });
}

for (const [setting, complaint] of [
  ["u300.0.0.1:9", "unable to scan ip address: 300.0.0.1:9"],
  ["u127.0.0.1:65545", "unable to scan port number: 65545"],
] as const) {
  line("LOG-31", `takes ${setting} modulo what there is room for`, {
    stock: async (rig) => {
      const directory = logDirectory(rig, "log", setting);
      expect(await log(rig, "a\n")).toMatchObject({ code: 0, stderr: "" });
      expect(directory.current()).toBe("a\n");
    },
    ours: async (rig) => {
      const directory = logDirectory(rig, "log", setting);
      expect(await log(rig, "a\n")).toMatchObject({ code: 0, stderr: `svlogd: warning: ${complaint}\n` });
      expect(directory.current()).toBe("a\n");
    },
    instead: `warns of ${setting}, and logs without`,
    because: "lines must not be sent to an address that nobody has written down",
  });
}

line("LOG-19", "passes over empty lines, comments, and lines that begin with anything else", {
  test: async (rig) => {
    const directory = logDirectory(rig);
    writeFileSync(directory.file("config"), "# n1\n\nxyz\n s20\np>\nn0\ns100");
    expect(await log(rig, lines(1, 13, 20), ["-l", "20", "log"])).toMatchObject({ code: 0, stderr: "" });
    expect(directory.oldLogs()).toHaveLength(3);
    expect(directory.current()).toBe(`>${lines(13, 13, 20)}`);
  },
});

rigTest(
  "sends to an IPv6 address in brackets",
  ourSuites,
  async (rig) => {
    await using datagrams = await receiveDatagrams(6);
    const directory = logDirectory(rig, "log", `u[::1]:${datagrams.port}`);
    const only = logDirectory(rig, "only", `U[::1]:${datagrams.port}`);
    expect(await log(rig, "a\n", ["log", "only"])).toMatchObject({ code: 0, stderr: "" });
    await rig.until("two datagrams", () => datagrams.received.length === 2);
    expect(datagrams.received).toEqual(["a\n", "a\n"]);
    expect([directory.current(), only.current()]).toEqual(["a\n", ""]);
  },
  { needs: ipv6 },
);

rigTest("keeps the last line in the file that = names", ourSuites, async (rig) => {
  const directory = logDirectory(rig, "log", "=last", "-no*");
  const logger = await startLogger(rig);
  await logger.feed("a\nb\nno\n");
  await rig.until("the line", () => directory.content("last") === "b\n");
  await feedAndSee(rig, logger, directory, "c\n");
  await rig.until("the next line", () => directory.content("last") === "c\n");
  await logger.finish();
  expect(directory.names()).toEqual(["config", "current", "last", "lock"]);
});

rigTest("warns of a file for the last line that it may not use", ourSuites, async (rig) => {
  for (const name of ["current", "../last", "@x", "lock"]) {
    const directory = logDirectory(rig, "log", `=${name}`);
    const stderr = `svlogd: warning: unable to use as file of the last line: ${name}\n`;
    expect(await log(rig, "a\n")).toMatchObject({ code: 0, stderr });
    expect(directory.names()).toEqual(["config", "current", "lock"]);
  }
});

line("LOG-31", "warns of an address of U that it cannot use, and logs nothing", {
  stock: async (rig) => {
    expect(await loggedBesideBadU(rig)).toBe("");
  },
  ours: async (rig) => {
    expect(await loggedBesideBadU(rig)).toBe("a\n");
  },
  instead: "warns of an address of U that it cannot use, and writes the lines to current",
  because: "a typing error must not lose all lines",
});

/** A broadcast address: sending to it fails without SO_BROADCAST. */
const notAllowed = "u255.255.255.255:9";

/** What lines select that follow others in the same buffer: with `+a`, and with a `+` at the end. */
async function staleMatches(rig: TestRig): Promise<readonly [empty: string, trailing: string]> {
  const empty = logDirectory(rig, "empty", "-*", "++a");
  const trailing = logDirectory(rig, "trailing", "-*", "++", "+b");
  expect(await log(rig, "a\n\n", ["empty"])).toMatchObject({ code: 0 });
  expect(await log(rig, "b\n\0\n\n", ["trailing"])).toMatchObject({ code: 0 });
  return [empty.current(), trailing.current()];
}

/** How many sockets are made for 20 datagrams. */
async function socketsMade(rig: TestRig, port: number): Promise<number> {
  logDirectory(rig, "log", `u127.0.0.1:${port}`);
  const trace = rig.path("trace");
  const under = ["strace", "-f", "-q", "-o", trace, "-e", "trace=socket"];
  expect(await log(rig, lines(1, 20), ["log"], { under })).toMatchObject({ code: 0 });
  return (rig.read(trace).match(/socket\(AF_INET, SOCK_DGRAM/g) ?? []).length;
}

async function loggedBesideBadU(rig: TestRig): Promise<string> {
  const directory = logDirectory(rig, "log", "Ulocalhost:514");
  const stderr = "svlogd: warning: unable to scan ip address: localhost:514\n";
  expect(await log(rig, "a\n")).toMatchObject({ code: 0, stderr });
  return directory.current();
}
