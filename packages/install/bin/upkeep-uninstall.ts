import { upkeepUninstall } from "@upkeep/install/uninstall";
import { runProgram } from "@upkeep/program/process/run-program";

await runProgram(upkeepUninstall);
