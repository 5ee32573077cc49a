import type { Mistake, Rule, Severity } from "./rule.ts";
import { accessRules } from "./rules/access.ts";
import { commandRules } from "./rules/commands.ts";
import { dependencyRules } from "./rules/dependencies.ts";
import { endRules } from "./rules/ends.ts";
import { scriptRules } from "./rules/scripts.ts";
import { settingRules } from "./rules/settings.ts";
import type { Snapshot } from "./snapshot.ts";

/** A mistake, and where it is. */
export interface Finding extends Mistake {
  readonly rule: string;
  readonly severity: Severity;
}

/** All rules. docs/lint.md describes them. */
export const rules: readonly Rule[] = [
  ...scriptRules,
  ...commandRules,
  ...settingRules,
  ...dependencyRules,
  ...endRules,
  ...accessRules,
];

/** The mistakes in all service directories, in the order of these, with whole paths. */
export function lint(snapshot: Snapshot): readonly Finding[] {
  return snapshot.services.flatMap((service) =>
    rules.flatMap((rule) =>
      rule.find(service, snapshot).map((mistake) => ({
        rule: rule.id,
        severity: rule.severity,
        ...mistake,
        file: mistake.file === "." ? service.path : `${service.path}/${mistake.file}`,
      })),
    ),
  );
}
