import { readTextOrNull } from "@upkeep/linux/fd/files";

import { decodeRenewal, encodeRenewal, type RenewalRecord } from "../core/renewal-record.ts";
import { replaceFile } from "../files/replace-file.ts";

/** Bytes that a record may have: it names each runsv. */
const limit = 1 << 20;

/** Reads what came of a renewal; null where there is no record. */
export function readRenewal(path: string): RenewalRecord | null {
  return decodeRenewal(readTextOrNull(path, { limit }) ?? "");
}

/** Leaves on record what came of a renewal, with the next number. Throws SystemError. @param name what messages call it. */
export function recordRenewal(path: string, name: string, outcome: Omit<RenewalRecord, "count">): void {
  const count = (readRenewal(path)?.count ?? 0) + 1;
  replaceFile(path, name, encodeRenewal({ ...outcome, count }));
}
