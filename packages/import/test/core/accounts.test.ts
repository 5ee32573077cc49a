import * as fc from "fast-check";
import { expect, test } from "vitest";

import { importCompose } from "../../src/core/compose/compose.ts";
import { importPm2 } from "../../src/core/pm2/pm2.ts";
import { importProcessCompose } from "../../src/core/process-compose/process-compose.ts";
import { readScript } from "../../src/core/tree/read-script.ts";
import { readYaml } from "../../src/core/tree/read-yaml.ts";
import { readIni } from "../../src/core/ini.ts";
import type { Entry, Imported } from "../../src/core/model.ts";
import { render } from "../../src/core/render.ts";
import { importSupervisord } from "../../src/core/supervisord/supervisord.ts";
import { splitWords } from "../../src/core/systemd/words.ts";
import { importSystemd } from "../../src/core/systemd/systemd.ts";
import { readUnit } from "../../src/core/systemd/unit.ts";

// Whatever keys and values a file has, each line that states a key has one entry, and nothing throws.

const odd = fc.oneof(
  fc.constantFrom("yes", "5", "1min 30s", "/bin/a b", "-/x", "~", "$A ${B} $$ %i %%", "a.service b.target", "", "'"),
  fc.stringMatching(/^[ -~]{0,20}$/),
);
const unitKey = fc.constantFrom(
  ...(
    "Description After Before Requires ExecStart ExecStartPre ExecStop ExecStopPost ExecReload Type Restart RestartSec User Group " +
    "SupplementaryGroups WorkingDirectory Environment EnvironmentFile UnsetEnvironment RuntimeDirectory StandardOutput " +
    "StandardError SyslogIdentifier KillMode KillSignal TimeoutStopSec TimeoutSec LimitNOFILE LimitCPU LimitSTACK Nice " +
    "OOMScoreAdjust SuccessExitStatus RestartPreventExitStatus StartLimitBurst StartLimitIntervalSec PrivateTmp MemoryMax " +
    "ConditionPathExists WantedBy Alias X-Own Unknown BusName UMask DynamicUser"
  ).split(" "),
);
const programKey = fc.constantFrom(
  ...(
    "command user directory environment autorestart autostart startsecs stopsignal priority numprocs process_name unknown " +
    "stdout_logfile stderr_logfile redirect_stderr exitcodes umask"
  ).split(" "),
);
const lines = (key: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc.array(
    fc.tuple(key, odd).map(([name, value]) => `${name}=${value.trimEnd().replace(/\\$/, "")}`),
    { maxLength: 12 },
  );

function told({ entries }: Imported): readonly number[] {
  return entries.flatMap(({ place }: Entry) => (place === null ? [] : [place.line])).toSorted((a, b) => a - b);
}

test("of systemd", () => {
  const section = fc.constantFrom("[Unit]", "[Service]", "[Install]", "[Timer]");
  fc.assert(
    fc.property(fc.array(fc.tuple(section, lines(unitKey)), { maxLength: 4 }), (sections) => {
      const unit = readUnit(sections.flatMap(([name, keys]) => [name, ...keys]).join("\n"), "a@b.service");
      const imported = importSystemd([{ name: "a@b.service", file: "a@b.service", files: [unit] }], new Map());
      expect(told(imported)).toEqual(unit.lines.map(({ place }) => place.line));
      for (const service of imported.services) render(service);
    }),
  );
});

test("of supervisord", () => {
  const section = fc.constantFrom("[program:a]", "[program:b]", "[supervisord]", "[group:c]", "[else]");
  fc.assert(
    fc.property(fc.array(fc.tuple(section, lines(programKey)), { maxLength: 4 }), (sections) => {
      const ini = readIni(sections.flatMap(([name, keys]) => [name, ...keys]).join("\n"));
      const imported = importSupervisord([{ file: "f", here: "/", ini, isIncluded: false }]);
      expect(told(imported)).toEqual(
        ini.sections.flatMap((each) => each.keys.map(({ line }) => line)).toSorted((a, b) => a - b),
      );
    }),
  );
});

const keyed = (keys: string): fc.Arbitrary<readonly string[]> =>
  fc.uniqueArray(fc.constantFrom(...keys.split(" ")), { maxLength: 8 });
const json = fc.oneof(
  fc.constantFrom<unknown>(
    "always",
    "5",
    "a b",
    "$X ${Y:-z} $",
    0,
    -1,
    1.5,
    true,
    null,
    [],
    ["a", 1],
    {},
    { a: { b: 1 } },
    "'",
  ),
  fc.string({ maxLength: 8 }),
);
const objects = (keys: string): fc.Arbitrary<Readonly<Record<string, unknown>>> =>
  keyed(keys).chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, json]))));

/** Each key of a program on a line of its own, as JSON, which is YAML as well. */
const lay = (program: Readonly<Record<string, unknown>>): string =>
  `{\n${Object.entries(program)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(",\n")}\n}`;

const treeFormats = {
  pm2: {
    keys: "name script args interpreter cwd env env_production instances exec_mode watch max_memory_restart out_file error_file log_file autorestart max_restarts min_uptime restart_delay exp_backoff_restart_delay stop_exit_codes kill_timeout treekill wait_ready uid unknown toString",
    read: (program: string): Imported => {
      const tree = readScript(`{"apps": [${program}]}`, true);
      return "kind" in tree ? importPm2(tree, "f", "/") : { services: [], entries: [], failures: [] };
    },
  },
  "process-compose": {
    keys: "command entrypoint working_dir environment depends_on availability shutdown readiness_probe liveness_probe replicas disabled is_daemon namespace log_location unknown constructor",
    read: (program: string): Imported => {
      const tree = readYaml(`{"processes": {"p": ${program}}}`);
      return "kind" in tree ? importProcessCompose(tree, "f", "/") : { services: [], entries: [], failures: [] };
    },
  },
  compose: {
    keys: "command entrypoint image build environment env_file depends_on restart healthcheck user working_dir ulimits stop_signal stop_grace_period profiles ports deploy x-own unknown valueOf",
    read: (program: string): Imported => {
      const tree = readYaml(`{"services": {"p": ${program}}}`);
      return "kind" in tree
        ? importCompose(tree, "f", "/", new Map(), null)
        : { services: [], entries: [], failures: [] };
    },
  },
};

test.each(Object.entries(treeFormats))("of %s", (_name, { keys, read }) => {
  fc.assert(
    fc.property(objects(keys), (program) => {
      const imported = read(lay(program));
      for (const service of imported.services) render(service);
      // A service that is not imported has a sentence, and one that is has an entry for each line.
      if (imported.entries.every((entry) => entry.program === null)) expect(imported.failures).not.toEqual([]);
      else
        expect([...new Set(told(imported))].filter((line) => line > 1)).toEqual(
          Object.keys(program).map((_key, at) => at + 2),
        );
    }),
  );
});

test("any word arrives, escaped as systemd-escape of a command line would", () => {
  const escaped = (word: string): string =>
    `"${Array.from(word, (each) => (/[a-z]/.test(each) ? each : `\\U${(each.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`)).join("")}"`;
  const word = fc
    .array(fc.oneof(fc.integer({ min: 1, max: 0x7f }), fc.integer({ min: 0xe000, max: 0x10ffff })), { maxLength: 8 })
    .map((codes) => String.fromCodePoint(...codes));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 4 }), (words) => {
      expect(splitWords(words.map(escaped).join(" "))).toEqual(words);
    }),
  );
});
