import { runProgram } from "@upkeep/program/run-program";
import { runsv } from "@upkeep/runsv/main";

await runProgram(runsv);
