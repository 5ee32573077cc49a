import * as fc from "fast-check";
import { expect, test } from "vitest";

import { parseMessage, renderLine } from "../../src/core/message.ts";

const lineOf = (datagram: string): string => renderLine(parseMessage(datagram));

test.each([
  ["as glibc writes it", "<78>Nov 21 15:44:38 CRON[12]: (root) CMD (true)", "cron.info: CRON[12]: (root) CMD (true)"],
  ["on a day of one digit", "<30>Nov  1 05:04:08 app: up\n", "daemon.info: app: up"],
  ["with a time of RFC 3339", "<38>2026-11-21T15:44:38.5+01:00 sshd[7]: hello", "auth.info: sshd[7]: hello"],
  ["without a time", "<14>just text\0", "user.info: just text"],
  ["without a priority", "no priority", "user.notice: no priority"],
  ["with the highest priority", "<191>x", "local7.debug: x"],
  ["with a priority too high", "<192>x", "user.notice: <192>x"],
  ["with an empty priority", "<>x", "user.notice: <>x"],
  ["that is empty", "", "user.notice: "],
  ["of nothing but a priority", "<0>", "kern.emerg: "],
])("a message %s", (_title, datagram, line) => {
  expect(lineOf(datagram)).toBe(`${line}\n`);
});

test.each([
  ["all fields", "<165>1 2026-11-21T15:44:38Z host app 12 ID47 - text", "local4.notice: app[12]: text"],
  ["nil fields", "<13>1 - - - - - - text", "user.notice: text"],
  ["no process id", "<13>1 - host app - - -", "user.notice: app: "],
  ["data", String.raw`<13>1 - h a 1 - [x@1 k="\]"][y] text`, String.raw`user.notice: a[1]: [x@1 k="\]"][y] text`],
  ["a byte order mark", "<13>1 - h a 1 - - \xef\xbb\xbftext", "user.notice: a[1]: text"],
  ["data without an end", "<13>1 - h a 1 - [x text", "user.notice: 1 - h a 1 - [x text"],
])("a message of RFC 5424 with %s", (_title, datagram, line) => {
  expect(lineOf(datagram)).toBe(`${line}\n`);
});

test("bytes that are no UTF-8 stay what they are", () => {
  expect(lineOf("<13>app: caf\xe9\t\xff")).toBe("user.notice: app: caf\xe9\t\xff\n");
});

test("control characters cannot forge a second line", () => {
  expect(lineOf("<13>app: one\nauth.info: sshd[1]: two\x1b[2J")).toBe(
    "user.notice: app: one\\x0aauth.info: sshd[1]: two\\x1b[2J\n",
  );
});

test("control characters of two bytes are shown, other letters stay", () => {
  expect(lineOf("<13>\xc2\x9b31m \xc2\xa9 \xc3\x9b")).toBe("user.notice: \\xc2\\x9b31m \xc2\xa9 \xc3\x9b\n");
});

test("whatever arrives, it is one line with a facility and a severity", () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => String.fromCharCode(...array));
  const almost = fc.tuple(fc.constantFrom("<13>", "<13>1 ", "<13>1 - - - - - [", "<999>", "<"), bytes);
  fc.assert(
    fc.property(
      fc.oneof(
        bytes,
        almost.map(([head, rest]) => `${head}${rest}`),
      ),
      (datagram) => {
        expect(lineOf(datagram)).toMatch(/^[a-z0-9]+\.[a-z]+: [^\n]*\n$/);
      },
    ),
  );
});
