import { setuser } from "@upkeep/chpst/setuser";
import { runProgram } from "@upkeep/program/run-program";

await runProgram(setuser);
