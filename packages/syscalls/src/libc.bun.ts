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

function open(): Libc {
  const wanted: Record<string, FFIFunction> = { __errno_location: { args: [], returns: FFIType.ptr } };
  for (const [name, { returns, takes }] of Object.entries(signatures)) {
    wanted[name] = { args: takes.map((type) => types[type]), returns: types[returns] };
  }
  let reason: unknown;
  for (const library of libraryNames) {
    try {
      const { symbols } = dlopen(library, wanted);
      // The address is the thread's own and never moves, and all calls come from the main thread.
      const location = (symbols["__errno_location"] as () => Pointer)();
      return {
        ...(symbols as unknown as Libc),
        errno: () => read.i32(location, 0),
        view: (address, size) => toArrayBuffer(address, 0, size),
      };
    } catch (error) {
      // The others are names of another C library.
      reason ??= error;
    }
  }
  throw reason;
}

export const libc: Libc = open();
