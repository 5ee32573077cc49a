import { runProgram } from "@upkeep/program/process/run-program";
import { upkeepRun } from "@upkeep/run/main";

await runProgram(upkeepRun);
