/** A machine that the suite is made for. */
export interface Target {
  /** In the name of the archive. */
  readonly name: string;
  /** As `bun build --target` has it. */
  readonly bun: string;
  /** The npm package with the runtime, in runtimes/package.json. */
  readonly runtime: string;
  /** Whether a test runs it: one of e2e/release, or all of them. */
  readonly isTested: boolean;
}

/** All machines. `baseline`: processors without AVX2; since 1.4 its runtime is the same file as that of `linux-x64`. */
export const targets: readonly Target[] = [
  { name: "linux-x64", bun: "bun-linux-x64", runtime: "@oven/bun-linux-x64", isTested: true },
  {
    name: "linux-x64-baseline",
    bun: "bun-linux-x64-baseline",
    runtime: "@oven/bun-linux-x64-baseline",
    isTested: true,
  },
  { name: "linux-x64-musl", bun: "bun-linux-x64-musl", runtime: "@oven/bun-linux-x64-musl", isTested: true },
  { name: "linux-arm64", bun: "bun-linux-arm64", runtime: "@oven/bun-linux-aarch64", isTested: true },
  { name: "linux-arm64-musl", bun: "bun-linux-arm64-musl", runtime: "@oven/bun-linux-aarch64-musl", isTested: false },
];
