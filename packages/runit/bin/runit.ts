import { runProgram } from "@upkeep/program/process/run-program";
import { runit } from "@upkeep/runit/main";

await runProgram(runit);
