import { runProgram } from "@upkeep/program/process/run-program";
import { utmpset } from "@upkeep/utmpset/main";

await runProgram(utmpset);
