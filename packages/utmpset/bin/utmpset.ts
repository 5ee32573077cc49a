import { runProgram } from "@upkeep/program/run-program";
import { utmpset } from "@upkeep/utmpset/main";

await runProgram(utmpset);
