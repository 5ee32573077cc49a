import { execa } from "execa";

import { timeStamp } from "../image/tar.ts";

/**
 * The time of the files in packages, whose formats take none before 1984: SOURCE_DATE_EPOCH, otherwise that of the commit, so
 * that the same commit gives the same bytes. Outside of a repository it is now.
 */
export async function releaseDate(epoch: string | undefined): Promise<Date> {
  if (epoch !== undefined && epoch !== "") return timeStamp(epoch);
  const { stdout, failed } = await execa("git", ["log", "-1", "--format=%ct"], { reject: false, stdin: "ignore" });
  return failed ? new Date() : timeStamp(stdout);
}
