import { runProgram } from "@upkeep/program/run-program";
import { sv } from "@upkeep/sv/main";

await runProgram(sv);
