// What `sv renew` and a runsvdir agree on. The files are in `.runsvdir` of the scan directory or, where that cannot be
// written to, of the directory that stands for it.

/** The FIFO that takes commands. */
export const scanControl = "control";
/** The command to renew all supervisors of the scan directory. */
export const renewByte = "r";
/** What came of the last renewal, and what of that of the program above runsvdir. */
export const scanRenewal = "renewal.json";
export const parentRenewal = "parent-renewal.json";
