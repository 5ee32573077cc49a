/** A machine that the suite is made for. */
export interface Target {
  /** In the name of the archive. */
  readonly name: string;
  /** As `bun build --target` has it. */
  readonly bun: string;
  /** The npm package with the runtime, in runtimes/package.json. */
  readonly runtime: string;
  /** Whether a test runs it. */
  readonly isTested: boolean;
}

/** All machines. `baseline`: processors without AVX2. */
export const targets: readonly Target[] = [
  { name: "linux-x64", bun: "bun-linux-x64", runtime: "@oven/bun-linux-x64", isTested: true },
  {
    name: "linux-x64-baseline",
    bun: "bun-linux-x64-baseline",
    runtime: "@oven/bun-linux-x64-baseline",
    isTested: true,
  },
  { name: "linux-x64-musl", bun: "bun-linux-x64-musl", runtime: "@oven/bun-linux-x64-musl", isTested: false },
  { name: "linux-arm64", bun: "bun-linux-arm64", runtime: "@oven/bun-linux-aarch64", isTested: false },
  { name: "linux-arm64-musl", bun: "bun-linux-arm64-musl", runtime: "@oven/bun-linux-aarch64-musl", isTested: false },
];
