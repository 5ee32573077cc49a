import { devlog } from "@upkeep/devlog/main";
import { runProgram } from "@upkeep/program/run-program";

await runProgram(devlog);
