/** Exit codes of a program: when its command line is wrong, and when it cannot start. Source: runit 2.1.2. */
export interface ExitCodes {
  readonly usage: number;
  readonly fatal: number;
}

export const runsvExitCodes: ExitCodes = { usage: 1, fatal: 111 };
export const runsvdirExitCodes: ExitCodes = { usage: 1, fatal: 100 };
export const svExitCodes: ExitCodes = { usage: 100, fatal: 100 };
export const svlogdExitCodes: ExitCodes = { usage: 111, fatal: 111 };
export const chpstExitCodes: ExitCodes = { usage: 100, fatal: 111 };
/** As the setuser of the phusion images. */
export const setuserExitCodes: ExitCodes = { usage: 1, fatal: 1 };
/** As the my_init of the phusion images, whose option parser ends with 2. */
export const myInitExitCodes: ExitCodes = { usage: 2, fatal: 1 };
/** sv called by the name of a service, as in /etc/init.d. */
export const lsbExitCodes: ExitCodes = { usage: 2, fatal: 151 };
