import { myInit } from "@upkeep/my_init/main";
import { runProgram } from "@upkeep/program/run-program";

await runProgram(myInit);
