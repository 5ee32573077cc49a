import { chpst } from "@upkeep/chpst/main";
import { runProgram } from "@upkeep/program/process/run-program";

await runProgram(chpst);
