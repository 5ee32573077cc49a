import { upkeepTakeover } from "@upkeep/install/takeover";
import { runProgram } from "@upkeep/program/process/run-program";

await runProgram(upkeepTakeover);
