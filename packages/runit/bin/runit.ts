import { runProgram } from "@upkeep/program/run-program";
import { runit } from "@upkeep/runit/main";

await runProgram(runit);
