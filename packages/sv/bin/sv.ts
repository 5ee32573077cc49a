import { runProgram } from "@upkeep/program/process/run-program";
import { sv } from "@upkeep/sv/main";

await runProgram(sv);
