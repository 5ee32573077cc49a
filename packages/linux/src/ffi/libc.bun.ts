import { dlopen, FFIType, read, toArrayBuffer, type FFIFunction, type Pointer } from "bun:ffi";

import { libraryNames, signatures, type CType, type Libc } from "./libc-signatures.ts";

const types: Record<CType, FFIType> = {
  int: FFIType.i32,
  uint: FFIType.u32,
  long: FFIType.i64_fast,
  bytes: FFIType.ptr,
  address: FFIType.u64_fast,
  void: FFIType.void,
};

/** Opens functions of the first library that is there. Bun compiles a stub for each, which takes time and memory. */
function open(wanted: Record<string, FFIFunction>): { readonly library: string; readonly symbols: Symbols } {
  let reason: unknown;
  for (const library of libraryNames) {
    try {
      return { library, symbols: dlopen(library, wanted).symbols };
    } catch (error) {
      // The others are names of another C library.
      reason ??= error;
    }
  }
  throw reason;
}

type Symbols = Readonly<Record<string, unknown>>;

/** Most programs call few of the functions, so each is opened at its first use. */
function openLazily(): Libc {
  const { library, symbols } = open({ __errno_location: { args: [], returns: FFIType.ptr } });
  // The address belongs to the thread and never changes, and all calls come from the main thread.
  const location = (symbols["__errno_location"] as () => Pointer)();
  const libc = {
    errno: () => read.i32(location, 0),
    view: (address: Pointer, size: number) => toArrayBuffer(address, 0, size),
  };
  for (const [name, { returns, takes, isOptional }] of Object.entries(signatures)) {
    const wanted = { [name]: { args: takes.map((type) => types[type]), returns: types[returns] } };
    const get = (): unknown => {
      const value: unknown = isOptional ? find(library, wanted, name) : dlopen(library, wanted).symbols[name];
      Object.defineProperty(libc, name, { value });
      return value;
    };
    Object.defineProperty(libc, name, { get, configurable: true });
  }
  return libc as unknown as Libc;
}

/** A function that this C library may lack: null then. */
function find(library: string, wanted: Record<string, FFIFunction>, name: string): unknown {
  try {
    return dlopen(library, wanted).symbols[name];
  } catch {
    return null;
  }
}

export const libc: Libc = openLazily();
