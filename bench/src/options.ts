import { parseArgs, type ParseArgsConfig } from "node:util";

type Values<O extends ParseArgsConfig["options"]> = ReturnType<typeof parseArgs<{ options: O }>>["values"];

/** Reads the command line; ends the process when it is wrong, or asks for help. */
export function readOptions<O extends NonNullable<ParseArgsConfig["options"]>, T>(
  usage: string,
  options: O,
  read: (values: Values<O>) => T,
): T {
  try {
    const help = { type: "boolean", short: "h", default: false } as const;
    const { values } = parseArgs({ args: process.argv.slice(2), options: { ...options, help } });
    if ((values as { help?: boolean }).help !== true) return read(values);
    process.stdout.write(usage);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

/** The entries of `all` with the names that an option gives, or all entries; throws when a name is unknown. */
export function select<T extends { readonly name: string }>(
  option: string,
  all: readonly T[],
  names: readonly string[],
): readonly T[] {
  const unknown = names.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw new Error(`--${option} ${unknown}: there are ${all.map(({ name }) => name).join(", ")}`);
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}
