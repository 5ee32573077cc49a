import { expect, test } from "vitest";

import { makesOwnGroup } from "../../src/core/own-group.ts";

test.each([
  ["#!/bin/sh\nexec setsid agetty tty1 linux\n"],
  ["#!/bin/sh\nexec 2>&1\nexec /usr/bin/setsid -w app --flag\n"],
  ["#!/bin/sh\nexec env A=1 B=2 nice -n 5 setsid app\n"],
  ["#!/bin/sh\nexec chpst -u app -e env setsid app\n"],
  ["#!/bin/sh\n[ -x /sbin/agetty ] && exec setsid /sbin/agetty tty1\nexec getty tty1\n"],
  ["#!/bin/sh\nexec \\\n  setsid \\\n  app\n"],
  ["#!/bin/busybox sh\n\texec busybox setsid app\n"],
  ["#!/usr/bin/env python3\nimport os\nos.setpgrp()\n"],
  ["#!/usr/bin/perl\nuse POSIX;\nPOSIX::setpgid(0, 0) or die;\n"],
  ["#!/usr/bin/perl\nsetpgrp(0, 0);\n"],
])("a script that makes a session or a group of its own: %j", (text) => {
  expect(makesOwnGroup(text)).toBe(true);
});

test.each([
  ["#!/bin/sh\nexec app\n"],
  ["#!/bin/sh\nsetsid helper &\nexec app\n"],
  ["#!/bin/sh\n# exec setsid app\nexec app\n"],
  ['#!/bin/sh\nexec sh -c "setsid app"\n'],
  ["#!/bin/sh\nexec app --no-setsid 5\n"],
  ["#!/bin/sh\nexec setsid-app 5\n"],
  ["#!/bin/sh\nexec helper; setsid app\n"],
  ["#!/bin/sh\nexec chpst -P app\n"],
  ["#!/usr/bin/python3\ndef child():\n    os.setsid()\n"],
  ["\x7fELF exec setsid app\n"],
  [""],
])("a script that does not, as far as it says: %j", (text) => {
  expect(makesOwnGroup(text)).toBe(false);
});
