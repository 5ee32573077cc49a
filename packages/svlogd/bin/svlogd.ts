import { runProgram } from "@upkeep/program/process/run-program";
import { svlogd } from "@upkeep/svlogd/main";

await runProgram(svlogd);
