import { describeSnapshot, renderJson, type Snapshot } from "@upkeep/client/core/json";
import { glanceAtAll, glanceAtEach, takeSnapshot } from "@upkeep/client/look/snapshot";
import type { Service } from "@upkeep/client/service/client";
import { allServices, listAll } from "@upkeep/client/service/scan-directory";
import { harmlessJson } from "@upkeep/program/core/one-line";
import { writeText } from "@upkeep/program/messages/output";

import type { Settings } from "../core/arguments.ts";
import type { Extension } from "../core/words.ts";
import { listServices, servicesOf } from "../service/scan-directory.ts";
import { looking } from "../show/console.ts";

/**
 * Does what runit's sv has no word for. Throws SystemError when the scan directory cannot be read.
 *
 * @returns the exit code, which list and json count as `sv status` does; see sv(8).
 */
export async function runExtension(extension: Extension, settings: Settings): Promise<number> {
  const { directory } = settings;
  switch (extension.kind) {
    case "json":
      return showJson(someOrAll(extension.services, directory));
    case "list": {
      const { runList } = await import("../show/run-list.ts");
      const { services, isWatching } = extension;
      const lookAtAll = (): readonly Snapshot[] => glanceAtAll(directory, looking, isWatching ? undefined : enter);
      const look = (): readonly Snapshot[] =>
        services.length === 0 ? lookAtAll() : glanceAtEach(listServices(services, directory), looking);
      return await runList(look, extension);
    }
    case "top": {
      const { runTop } = await import("../top/run-top.ts");
      const { services } = extension;
      if (services.length === 0) return await runTop({ title: directory, find: () => listAll(directory) });
      return await runTop({ title: services.join(" "), find: () => listServices(services, directory) });
    }
    case "health": {
      const { checkHealth } = await import("../show/health.ts");
      return await checkHealth(someOrAll(extension.services, directory), settings);
    }
    case "wait": {
      const { awaitState } = await import("../wait/await-state.ts");
      const seconds = extension.seconds ?? settings.waitSeconds;
      return await awaitState(servicesOf(extension.services, directory), extension.state, seconds);
    }
    case "log": {
      const { runLog } = await import("../log/run-log.ts");
      return await runLog(extension.words, directory);
    }
    case "lint": {
      const { runLint } = await import("../lint/run-lint.ts");
      return runLint(extension.words, directory);
    }
    case "show": {
      const { runShow } = await import("../show/run-show.ts");
      return await runShow(servicesOf(extension.services, directory), extension.isJson);
    }
    case "graph": {
      const { runGraph } = await import("../show/run-graph.ts");
      return runGraph(someOrAll(extension.services, directory), extension.format);
    }
    case "blame": {
      const { runBlame } = await import("../show/run-blame.ts");
      return runBlame(someOrAll(extension.services, directory), extension.isJson);
    }
    case "completion": {
      const { completionFor } = await import("../core/completion.ts");
      writeText(1, completionFor(extension.shell));
      return 0;
    }
    case "renew": {
      const { renewSupervisors } = await import("./renew.ts");
      return await renewSupervisors(extension.directory ?? directory, settings.waitSeconds);
    }
    case "enable":
    case "disable": {
      const { enable, disable } = await import("./enable.ts");
      const labels = servicesOf(extension.services, directory).map(({ label }) => label);
      return await (extension.kind === "enable" ? enable : disable)(labels, settings);
    }
    default:
      return extension satisfies never;
  }
}

/** Whoever stays there keeps its file system from being unmounted. */
function enter(directory: string): boolean {
  try {
    process.chdir(directory);
    return true;
  } catch {
    return false;
  }
}

function someOrAll(labels: readonly string[], directory: string): readonly Service[] {
  return labels.length === 0 ? allServices(directory) : servicesOf(labels, directory);
}

/** Like `sv status`, counts the services and log services that nothing can be said about. */
function showJson(services: readonly Service[]): number {
  const now = nowSeconds();
  const snapshots = services.map((service) => takeSnapshot(service, looking));
  const json = renderJson(snapshots.map((snapshot) => describeSnapshot(snapshot, now)));
  writeText(1, `${harmlessJson(json)}\n`);
  return snapshots.filter(({ state, log }) => {
    return !("record" in state) || (log !== null && log !== undefined && !("record" in log.state));
  }).length;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
