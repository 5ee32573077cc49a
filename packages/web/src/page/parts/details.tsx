import { duration, memory, processorTime } from "@upkeep/client/core/amounts";
import { harmless } from "@upkeep/program/core/one-line";
import type { RecordedEnd } from "@upkeep/supervise/core/history";
import { timeOf } from "@upkeep/supervise/core/state-json";
import type { JSX } from "preact";

import type { ServiceDetail } from "../../core/api.ts";
import { treeOf } from "../../core/page/tree.ts";
import { isFailure } from "@upkeep/client/core/health";
import { endWords, ranWords } from "../../core/page/words.ts";
import { useStore } from "../store.ts";
import { wholeTime } from "../times.ts";
import { Card } from "./card.tsx";

/** The processes of a service as a tree. */
export function Processes({ detail }: { readonly detail: ServiceDetail }): JSX.Element {
  const rows = treeOf(detail.processes);
  return (
    <Card title="Processes" note={rows.length === 0 ? "none" : String(rows.length)}>
      {rows.length > 0 && (
        <table class="processes">
          <thead>
            <tr>
              <th scope="col">Command</th>
              <th scope="col" class="number">
                Pid
              </th>
              <th scope="col" class="number">
                CPU time
              </th>
              <th scope="col" class="number">
                Memory
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ process, branch }) => (
              <tr key={process.pid}>
                <td class="command" title={harmless(process.command)}>
                  <span class="branch" aria-hidden="true">
                    {branch}
                  </span>
                  {harmless(process.command)}
                </td>
                <td class="number">{process.pid}</td>
                <td class="number">{processorTime(process.cpuMillis)}</td>
                <td class="number">{memory(process.residentBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

/** So many ends are shown; the timeline shows all. */
const mostEnds = 8;

/** How the last starts ended. */
export function Ends({ ends }: { readonly ends: readonly RecordedEnd[] }): JSX.Element | null {
  const { now } = useStore();
  if (ends.length === 0) return null;
  return (
    <Card title="Last ends">
      <ul class="ends">
        {ends.slice(0, mostEnds).map((end) => {
          const at = timeOf(end.at);
          return (
            <li key={`${end.at} ${end.ranMillis}`} class={isFailure(end) ? "bad" : "good"}>
              <i class="dot" />
              <span class="how">{endWords(end)}</span>
              <span class="muted">
                after {ranWords(end.ranMillis)}
                {end.ready ? "" : ", not ready"}
              </span>
              <time title={at === null ? "" : wholeTime(at.seconds * 1000)}>
                {at === null ? "" : `${duration(now.value / 1000 - at.seconds)} ago`}
              </time>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

/** The files of the service directory that mean something. */
export function Settings({ detail }: { readonly detail: ServiceDetail }): JSX.Element {
  const settings = Object.entries(detail.settings);
  return (
    <Card title="Settings" note={settings.length === 0 ? "all as usual" : ""}>
      {settings.length > 0 && (
        <dl class="settings">
          {settings.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value === "" ? "is there" : harmless(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
