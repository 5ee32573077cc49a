import { chpst } from "@upkeep/chpst/main";
import { runProgram } from "@upkeep/program/run-program";

await runProgram(chpst);
