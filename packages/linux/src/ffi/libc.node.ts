import koffi, { type LibraryHandle } from "koffi";

import { libraryNames, signatures, type CType, type Libc, type Signature } from "./libc-signatures.ts";

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
      const functions = Object.entries(signatures).map(([symbol, signature]) => [
        symbol,
        find(library, symbol, signature),
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

/** A function of the library; null where it is optional and not there. Throws where it must be there. */
function find(library: LibraryHandle, symbol: string, { returns, takes, isOptional }: Signature): unknown {
  try {
    return library.func(
      symbol,
      types[returns],
      takes.map((type) => types[type]),
    );
  } catch (error) {
    if (isOptional) return null;
    throw error;
  }
}

export const libc: Libc = open();
