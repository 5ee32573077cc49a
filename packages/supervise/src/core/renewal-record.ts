import { fieldsOf, numberOf, parseFields, textOf } from "./json-fields.ts";

// The one codec of `renewal.json`, which says what came of the last renewal of a scan directory's supervisors. `runsvdir`
// writes it, and `sv renew` waits for it.

/** Version of the schema. Within a version fields are only added. */
const version = 1;

/** What came of the renewal of one program. */
export interface RenewedProgram {
  /** `runsvdir`, `runsv web`, `my_init`. */
  readonly program: string;
  readonly pid: number;
  /** The versions before and after it. They are the same where nothing has been upgraded, or `problem` says why not. */
  readonly before: string;
  readonly version: string;
  /** Why the old program goes on; null: the new one is in charge. */
  readonly problem: string | null;
}

/** A whole record. */
export interface RenewalRecord {
  /** Counts renewals, so that one who waits sees a new one. */
  readonly count: number;
  readonly programs: readonly RenewedProgram[];
  /** The program above has been asked to renew itself. It leaves a record of its own. */
  readonly asksParent: boolean;
}

/** One line of JSON. */
export function encodeRenewal(record: RenewalRecord): string {
  return `${JSON.stringify({ version, ...record })}\n`;
}

/** Null where the text is no record. */
export function decodeRenewal(text: string): RenewalRecord | null {
  const { count, programs, asksParent } = parseFields(text) ?? {};
  if (typeof count !== "number" || !Array.isArray(programs)) return null;
  return { count, programs: programs.flatMap(decodeProgram), asksParent: asksParent === true };
}

function decodeProgram(value: unknown): readonly RenewedProgram[] {
  const fields = fieldsOf(value);
  const [program, pid] = [textOf(fields?.["program"]), numberOf(fields?.["pid"])];
  if (program === null || pid === null) return [];
  const [before, after] = [textOf(fields?.["before"]) ?? "", textOf(fields?.["version"]) ?? ""];
  return [{ program, pid, before, version: after, problem: textOf(fields?.["problem"]) }];
}
