import { runProgram } from "@upkeep/program/process/run-program";
import { runsvdir } from "@upkeep/runsvdir/main";

await runProgram(runsvdir);
