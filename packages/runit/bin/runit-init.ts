import { runProgram } from "@upkeep/program/run-program";
import { runitInit } from "@upkeep/runit/init";

await runProgram(runitInit);
