import { type Expansion, joinParts, type Word } from "../words.ts";

const variable = /\$\$|\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)(?:(:?[-?+])([^}]*))?\}/g;

/**
 * A text of compose with its variables, which sh(1) puts in at the start in the same way: `$X`, `${X}`, and `${X:-default}`
 * with its kin. `$$` is a dollar. Null where a `$` begins nothing that compose knows.
 */
export function interpolate(text: string): Word | null {
  const parts: (string | Expansion)[] = [];
  let end = 0;
  for (const { 0: whole, 1: plain, 2: braced, 3: operator, 4: behind = "", index } of text.matchAll(variable)) {
    parts.push(text.slice(end, index));
    end = index + whole.length;
    const name = plain ?? braced;
    if (name === undefined) parts.push("$");
    else if (operator === undefined) parts.push({ kind: "variable", name, orEmpty: true });
    else parts.push({ kind: "operation", name, operator, text: behind });
  }
  parts.push(text.slice(end));
  const literals = text.replaceAll(variable, "");
  if (
    literals.includes("$") ||
    parts.some((part) => typeof part === "object" && "text" in part && part.text.includes("$"))
  )
    return null;
  return joinParts(parts);
}
