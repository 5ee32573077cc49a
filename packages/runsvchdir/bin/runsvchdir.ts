import { runProgram } from "@upkeep/program/run-program";
import { runsvchdir } from "@upkeep/runsvchdir/main";

await runProgram(runsvchdir);
