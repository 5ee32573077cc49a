/** The version of the suite; all its programs share it. A test compares it with package.json. */
export const version = "0.1.0";

/** The build of a release puts in what it is made from, and for which machine. */
declare const BUILD_COMMIT: string | undefined;
declare const BUILD_TARGET: string | undefined;

/** The commit that the release was made from; null for any other build. */
export const commit: string | null = typeof BUILD_COMMIT === "undefined" ? null : BUILD_COMMIT;

/** The machine that the release is made for, as in the name of its archive; null for any other build. */
export const target: string | null = typeof BUILD_TARGET === "undefined" ? null : BUILD_TARGET;
