import { setuser } from "@upkeep/chpst/setuser";
import { runProgram } from "@upkeep/program/process/run-program";

await runProgram(setuser);
