import { runProgram } from "@upkeep/program/process/run-program";
import { runsvchdir } from "@upkeep/runsvchdir/main";

await runProgram(runsvchdir);
