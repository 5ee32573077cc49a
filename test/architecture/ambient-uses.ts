/** Names for time, chance and the process that a module can use without an import. */
const outside: ReadonlySet<string> = new Set([
  "Atomics",
  "Bun",
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "eval",
  "fetch",
  "Function",
  "globalThis",
  "navigator",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** Names of which some members are pure. `new Date(time)` is pure as well. */
const inPart: Readonly<Record<string, (member: string) => boolean>> = {
  Date: (member) => member === "parse" || member === "UTC",
  Math: (member) => member !== "random",
};

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** All such uses in a program, each once: `Date.now`, `process`, `import.meta`. */
export function ambientUses(program: unknown): readonly string[] {
  const found = new Set<string>();
  visit(program as Node, new Set(), found);
  return [...found];
}

function visit(node: Node, known: ReadonlySet<string>, found: Set<string>): void {
  const scope = opensScope(node) ? new Set([...known, ...bindingsIn(node)]) : known;
  switch (node.type) {
    case "Identifier":
      if (!scope.has(nameOf(node)) && (outside.has(nameOf(node)) || nameOf(node) in inPart)) found.add(nameOf(node));
      return;
    case "MetaProperty":
      if (nameOf(node["meta"]) === "import") found.add("import.meta");
      return;
    case "NewExpression":
      if (isGlobal(node["callee"], "Date", scope)) {
        const times = node["arguments"] as readonly Node[];
        if (times.length === 0) found.add("new Date()");
        for (const time of times) visit(time, scope, found);
        return;
      }
      break;
    case "MemberExpression": {
      const { object, property, computed } = node as Node & { readonly object: Node };
      const name = nameOf(object);
      const isPure = inPart[name];
      if (isPure !== undefined && isGlobal(object, name, scope) && computed === false) {
        if (!isPure(nameOf(property))) found.add(`${name}.${nameOf(property)}`);
        return;
      }
      break;
    }
    default:
  }
  for (const child of valuesIn(node)) visit(child, scope, found);
}

function isGlobal(node: unknown, name: string, scope: ReadonlySet<string>): boolean {
  return (node as Node).type === "Identifier" && nameOf(node) === name && !scope.has(name);
}

function nameOf(node: unknown): string {
  const { name } = (node ?? {}) as { readonly name?: unknown };
  return typeof name === "string" ? name : "";
}

function opensScope({ type }: Node): boolean {
  return type === "Program" || isFunction(type);
}

function isFunction(type: string): boolean {
  return type === "FunctionDeclaration" || type === "FunctionExpression" || type === "ArrowFunctionExpression";
}

/** The names that a program or a function declares, in its blocks as well, but not in functions inside it. */
function bindingsIn(scope: Node): readonly string[] {
  const names = scope.type === "Program" ? [] : (scope["params"] as readonly Node[]).flatMap(patternNames);
  const search = (node: Node): void => {
    if (node !== scope && isFunction(node.type)) {
      names.push(nameOf(node["id"]));
      return;
    }
    if (node.type === "ImportDeclaration") {
      names.push(...(node["specifiers"] as readonly Node[]).map(({ local }) => nameOf(local)));
    }
    if (node.type === "ClassDeclaration") names.push(nameOf(node["id"]));
    if (node.type === "VariableDeclarator") names.push(...patternNames(node["id"] as Node));
    if (node.type === "CatchClause" && node["param"] !== null) names.push(...patternNames(node["param"] as Node));
    for (const child of childrenOf(node)) search(child);
  };
  search(scope);
  return names;
}

/** The names that a pattern declares: `{ a, b: [c] }` declares `a` and `c`. */
function patternNames(pattern: Node): readonly string[] {
  switch (pattern.type) {
    case "Identifier":
      return [nameOf(pattern)];
    case "AssignmentPattern":
      return patternNames(pattern["left"] as Node);
    case "Property":
      return patternNames(pattern["value"] as Node);
    default:
      return childrenOf(pattern).flatMap(patternNames);
  }
}

/** The nodes below that the program evaluates: not types, nor the names of members, properties and imports. */
function valuesIn(node: Node): readonly Node[] {
  if (/^(?:Import|Export\w*Specifier|ExportAll)/.test(node.type) && node.type !== "ImportExpression") return [];
  const hasName = node["computed"] === false;
  return Object.entries(node).flatMap(([field, value]) => {
    if (hasName && (field === "property" || field === "key")) return [];
    return field === "label" ? [] : nodesIn(value).filter(isEvaluated);
  });
}

function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flatMap(nodesIn).filter(isEvaluated);
}

function nodesIn(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return typeof value === "object" && value !== null && "type" in value ? [value as Node] : [];
}

/** Of the nodes that only TypeScript has, `x as T` and the like hold a value. */
function isEvaluated({ type }: Node): boolean {
  return !type.startsWith("TS") || /^TS(?:As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$/.test(type);
}
