import { upkeepInstall } from "@upkeep/install/install";
import { runProgram } from "@upkeep/program/process/run-program";

await runProgram(upkeepInstall);
