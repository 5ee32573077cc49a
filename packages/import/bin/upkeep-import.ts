import { upkeepImport } from "@upkeep/import/main";
import { runProgram } from "@upkeep/program/process/run-program";

await runProgram(upkeepImport);
