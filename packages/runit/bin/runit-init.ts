import { runProgram } from "@upkeep/program/process/run-program";
import { runitInit } from "@upkeep/runit/init";

await runProgram(runitInit);
