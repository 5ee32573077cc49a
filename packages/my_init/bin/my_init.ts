import { myInit } from "@upkeep/my_init/main";
import { runProgram } from "@upkeep/program/process/run-program";

await runProgram(myInit);
