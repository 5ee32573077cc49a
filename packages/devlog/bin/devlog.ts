import { devlog } from "@upkeep/devlog/main";
import { runProgram } from "@upkeep/program/process/run-program";

await runProgram(devlog);
