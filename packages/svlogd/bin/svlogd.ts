import { runProgram } from "@upkeep/program/run-program";
import { svlogd } from "@upkeep/svlogd/main";

await runProgram(svlogd);
