import { runProgram } from "@upkeep/program/run-program";
import { runsvdir } from "@upkeep/runsvdir/main";

await runProgram(runsvdir);
