import type { Outcome } from "../model.ts";
import { became, lost, needless } from "../outcome.ts";
import { integer } from "../values.ts";
import { outcomesOf } from "../subject.ts";
import { subject, type UnitSubject } from "./subject.ts";
import { limit, timespan } from "./values.ts";

/** More than any hard limit: chpst then takes that one. */
const most = "9007199254740991";

/** What sets a soft limit, in which unit. */
const limits = {
  LimitNOFILE: { option: "-o", unit: 1 },
  LimitNPROC: { option: "-p", unit: 1 },
  LimitCORE: { option: "-c", unit: 1 },
  LimitFSIZE: { option: "-f", unit: 1 },
  LimitDATA: { option: "-d", unit: 1 },
  LimitRSS: { option: "-r", unit: 1 },
  LimitCPU: { option: "-t", unit: 1000 },
} as const;
type LimitKey = keyof typeof limits;
const limitKeys = Object.keys(limits) as LimitKey[];

const softLimits = subject(limitKeys, (values) => {
  const options = limitKeys.flatMap((key): readonly (readonly [LimitKey, string])[] => {
    if (!values.has(key)) return [];
    const { option, unit } = limits[key];
    const number = values.read(key, unit === 1 ? limit : timespan, null, "a limit");
    if (number === null) return [];
    return [[key, `${option} ${number === Number.POSITIVE_INFINITY ? most : Math.ceil(number / unit)}`]];
  });
  const made = new Map(options);
  const outcomeOf = (key: LimitKey): Outcome =>
    values.outcome(
      key,
      made.has(key) ? became(`run: chpst ${made.get(key) ?? ""}, the soft limit`) : needless("as runsvdir"),
    );
  return {
    change: { options: options.map(([, option]) => option) },
    outcomes: outcomesOf(limitKeys, outcomeOf),
  };
});

const others = {
  LimitSTACK: "ulimit -s",
  LimitMEMLOCK: "ulimit -l",
} as const;

const byShell = subject(["LimitSTACK", "LimitMEMLOCK"], (values) => {
  const lines = (["LimitSTACK", "LimitMEMLOCK"] as const).map((key) => {
    const bytes = values.has(key) ? values.read(key, limit, null, "a limit") : null;
    if (bytes === null) return { key, line: null };
    return {
      key,
      line: `${others[key]} ${bytes === Number.POSITIVE_INFINITY ? "unlimited" : Math.ceil(bytes / 1024)}`,
    };
  });
  const [stack, locked] = lines.map(({ key, line }) =>
    values.outcome(key, line === null ? needless("as runsvdir") : became(`run: ${line}`)),
  );
  return {
    change: { prepare: lines.flatMap(({ line }) => (line === null ? [] : [`${line} || exit 111`])) },
    outcomes: { LimitSTACK: stack ?? needless(""), LimitMEMLOCK: locked ?? needless("") },
  };
});

const nice = subject(["Nice", "OOMScoreAdjust"], (values) => {
  const level = values.read("Nice", integer, 0, "a whole number");
  const score = values.has("OOMScoreAdjust") ? values.read("OOMScoreAdjust", integer, null, "a whole number") : null;
  const write = `echo ${score ?? 0} >/proc/self/oom_score_adj`;
  return {
    change: {
      options: level === 0 ? [] : [`-n ${level}`],
      prepare: score === null ? [] : [`${write} || exit 111`],
    },
    outcomes: {
      Nice: values.outcome("Nice", level === 0 ? needless("as runsvdir") : became(`run: chpst -n ${level}`)),
      OOMScoreAdjust: values.outcome(
        "OOMScoreAdjust",
        score === null ? needless("as runsvdir") : became(`run: ${write}`),
      ),
    },
  };
});

const moreLimits = subject(
  ["LimitAS", "LimitLOCKS", "LimitSIGPENDING", "LimitMSGQUEUE", "LimitNICE", "LimitRTPRIO", "LimitRTTIME"],
  () => {
    const ulimit = lost("the limit stays as runsvdir has it", "write prlimit in front of the program in run");
    return {
      outcomes: {
        LimitAS: lost("the limit stays as runsvdir has it", "write softlimit -a BYTES in front of the program in run"),
        LimitLOCKS: needless("Linux has no such limit"),
        LimitSIGPENDING: ulimit,
        LimitMSGQUEUE: ulimit,
        LimitNICE: ulimit,
        LimitRTPRIO: ulimit,
        LimitRTTIME: ulimit,
      },
    };
  },
);

/** Limits and priorities of the process. */
export const limitSubjects: readonly UnitSubject[] = [softLimits, byShell, nice, moreLimits];
