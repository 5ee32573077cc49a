import { createLooker, createProcesses } from "@upkeep/client/look/looker";
import { takePicture } from "@upkeep/client/look/picture";
import { probe, send, type Service, troubleOf } from "@upkeep/client/service/client";
import type { Listed } from "@upkeep/client/service/scan-directory";

import { renderPicture } from "../core/show.ts";
import { shown } from "../core/text.ts";
import { shownRows } from "../core/top/rows.ts";
import { firstState, type Order, type TopEffect, type TopEvent } from "../core/top/state.ts";
import { step } from "../core/top/step.ts";
import type { Look } from "../core/top/table.ts";
import { render } from "../core/top/view.ts";
import { canvasOn } from "../show/canvas.ts";
import { createLogFollower } from "./log-follower.ts";
import { showInPager } from "./pager.ts";
import { openScreen } from "./screen.ts";
import { looking } from "../show/console.ts";

/** Milliseconds between two looks; the second one comes soon, because it is the first that can tell what a service uses. */
const pause = { usual: 1000, soon: 250 } as const;
/** Terminals take no more than about 100,000 characters in base64. */
const mostCopied = 72_000;

const endings = ["SIGTERM", "SIGHUP", "SIGINT"] as const;

type Ending = (typeof endings)[number] | null;

/**
 * Shows services until the user has had enough, a signal comes, or the terminal is gone. By that signal the process then
 * ends.
 */
export async function showTop(title: string, find: () => readonly Listed[], look: Look): Promise<number> {
  const { promise: ended, resolve: end } = Promise.withResolvers<Ending>();
  const looker = createLooker(find, { isWhole: false, processes: createProcesses() });
  const screen = openScreen({
    onKey: (key) => apply({ kind: "key", key }),
    onResize: () => apply({ kind: "resized", size: screen.size() }),
    onGone: () => end(null),
  });
  const log = createLogFollower((logged) => apply({ kind: "logged", ...logged }));
  let state = firstState(title, screen.size());
  let isLent = false;
  let timer: NodeJS.Timeout | undefined;

  function apply(event: TopEvent): void {
    const next = step(state, event);
    state = next.state;
    if (!isLent) screen.draw(render(state, look));
    next.effects.forEach(carryOut);
  }
  function lookAgain(): void {
    const found = looker.look(new Set(shownRows(state).map(({ snapshot }) => snapshot.label)), performance.now());
    apply({ kind: "looked", nowSeconds: nowSeconds(), ...found });
    lookIn(pause.usual);
  }
  function lookIn(millis: number): void {
    clearTimeout(timer);
    timer = setTimeout(lookAgain, millis);
  }
  async function lend(work: () => Promise<void>): Promise<void> {
    if (isLent) return;
    isLent = true;
    clearTimeout(timer);
    // Without its input, Node would have nothing to wait for.
    const alive = setInterval(() => {}, pause.usual);
    await screen.lend(work);
    clearInterval(alive);
    isLent = false;
    lookAgain();
  }
  function carryOut(effect: TopEffect): void {
    switch (effect.kind) {
      case "send": {
        const service = looker.serviceOf(effect.order.label);
        apply({ kind: "said", message: service === undefined ? "it is gone" : sendOrder(service, effect.order) });
        return lookIn(pause.soon);
      }
      case "follow":
        return log.follow(effect.label === null ? null : (looker.serviceOf(effect.label) ?? null));
      case "copy":
        screen.command(copySequence(effect.text));
        return apply({ kind: "said", message: "copied, if this terminal lets programs do that (OSC 52)" });
      case "page": {
        const service = looker.serviceOf(effect.label);
        if (service !== undefined) void lend(async () => await showInPager(await pageOf(service, effect.lines)));
        return;
      }
      case "suspend":
        return void lend(stopHere);
      case "redraw":
        return void lend(async () => {});
      case "quit":
        return end(null);
      default:
        return effect satisfies never;
    }
  }

  // While the pager has the terminal, Ctrl-C is for the pager.
  for (const signal of endings) process.on(signal, () => (isLent && signal === "SIGINT" ? undefined : end(signal)));
  process.on("SIGTSTP", onStop);
  process.on("SIGCONT", () => void lend(async () => {}));
  function onStop(): void {
    void lend(stopHere);
  }
  /** Ends when somebody lets us go on; at once where nobody could, as without a shell that controls jobs. */
  async function stopHere(): Promise<void> {
    process.off("SIGTSTP", onStop);
    process.kill(0, "SIGTSTP");
    process.on("SIGTSTP", onStop);
  }

  lookAgain();
  lookIn(pause.soon);
  const ending = await ended;
  clearTimeout(timer);
  log.follow(null);
  await screen.close();
  if (ending !== null) dieBy(ending);
  return 0;
}

function sendOrder(service: Service, { word, commands }: Order): string {
  const found = probe(service);
  const name = shown(service.label);
  if (found.kind !== "supervised") return `${word} ${name}: ${troubleOf(found).message}`;
  const refused = send(found.path, commands);
  return refused === null ? `${word} ${name}: sent` : `${word} ${name}: ${troubleOf(refused).message}`;
}

/** Sets the clipboard of the terminal, also of one at the other end of a connection (OSC 52). The last lines count. */
function copySequence(text: string): string {
  return `\x1b]52;c;${Buffer.from(text).subarray(-mostCopied).toString("base64")}\x07`;
}

async function pageOf(service: Service, lines: readonly string[] | null): Promise<string> {
  if (lines !== null) return lines.map((line) => `${line}\n`).join("");
  const picture = await takePicture(service, looking);
  const canvas = canvasOn({ fit: shown, paint: (text) => text }, nowSeconds());
  return `${renderPicture(picture, canvas).join("\n")}\n`;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Whoever started us learns what has ended us. */
function dieBy(signal: (typeof endings)[number]): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
