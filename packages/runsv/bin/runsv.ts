import { runProgram } from "@upkeep/program/process/run-program";
import { runsv } from "@upkeep/runsv/main";

await runProgram(runsv);
