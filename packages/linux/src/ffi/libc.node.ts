import koffi from "koffi";

import { libraryNames, signatures, type CType, type Libc } from "./libc-signatures.ts";

const types: Record<CType, string> = {
  int: "int",
  uint: "unsigned int",
  long: "long",
  bytes: "void *",
  address: "uintptr_t",
  void: "void",
};

function open(): Libc {
  let reason: unknown;
  for (const name of libraryNames) {
    try {
      const library = koffi.load(name);
      const functions = Object.entries(signatures).map(([symbol, { returns, takes }]) => [
        symbol,
        library.func(
          symbol,
          types[returns],
          takes.map((type) => types[type]),
        ),
      ]);
      return {
        ...(Object.fromEntries(functions) as Libc),
        errno: () => koffi.errno(),
        view: (address, size) => koffi.view(address, size),
      };
    } catch (error) {
      // The others are names of another C library.
      reason ??= error;
    }
  }
  throw reason;
}

export const libc: Libc = open();
