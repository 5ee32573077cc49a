import { runProgram } from "@upkeep/program/process/run-program";
import { upkeepWeb } from "@upkeep/web/main";

await runProgram(upkeepWeb);
