/** Bytes of the header of an ELF file as far as it is read here. */
export const elfHeaderSize = 20;

/** The machines by their number in the header (e_machine, elf(5)), in the names of the runtimes where these have one. */
const machines: Readonly<Record<number, string>> = {
  3: "ia32",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  43: "sparc64",
  62: "x64",
  183: "arm64",
  243: "riscv64",
  258: "loong64",
};

/** The machine that a program is for; null for what is no ELF file. */
export function machineOf(header: Uint8Array): string | null {
  const isElf = header.length >= elfHeaderSize && String.fromCodePoint(...header.subarray(0, 4)) === "\x7fELF";
  if (!isElf) return null;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  // The sixth byte says which end comes first.
  const number = view.getUint16(18, header[5] !== 2);
  return machines[number] ?? `machine ${number} of elf(5)`;
}
