import { type Expression, type ModuleDeclaration, type Node, parse, parseExpressionAt, type Statement } from "acorn";

import { type Field, mostLevels, type Tree, type TreeProblem } from "./tree.ts";

/**
 * Reads JSON, or what a JavaScript module exports, where that is literal: objects, lists, texts, numbers, and constants
 * that are literal themselves. Nothing is run: anything else is a problem.
 */
export function readScript(text: string, isJson: boolean): Tree | TreeProblem {
  try {
    if (isJson) {
      const expression = parseExpressionAt(text, 0, options);
      if (/\S/.test(text.slice(expression.end)))
        return { line: expression.loc?.end.line ?? 1, text: "goes on behind its end" };
      return new Evaluation(new Map()).read(expression, 0);
    }
    const { body } = parse(text, { ...options, sourceType: "module", allowReturnOutsideFunction: true });
    const exported = body.flatMap(exportOf).at(-1);
    if (exported === undefined) return { line: 1, text: "exports nothing that can be read" };
    return new Evaluation(new Map(body.flatMap(constantsOf))).read(exported, 0);
  } catch (error) {
    if (error instanceof NotLiteral) return { line: error.line, text: error.message };
    if (error instanceof SyntaxError)
      return { line: lineOf(error), text: `is no ${isJson ? "JSON" : "JavaScript"}: ${error.message}` };
    // The parser goes down by calling itself.
    if (error instanceof RangeError) return { line: 1, text: "is nested too deeply" };
    throw error;
  }
}

const options = { ecmaVersion: "latest", locations: true, allowHashBang: true } as const;

function lineOf(error: SyntaxError): number {
  const { loc } = error as SyntaxError & { readonly loc?: { readonly line: number } };
  return loc?.line ?? 1;
}

/** `module.exports = X`, `exports = X` and `export default X`. */
function exportOf(statement: Statement | ModuleDeclaration): readonly Expression[] {
  if (statement.type === "ExportDefaultDeclaration")
    return statement.declaration.type.endsWith("Declaration") ? [] : [statement.declaration as Expression];
  if (statement.type !== "ExpressionStatement" || statement.expression.type !== "AssignmentExpression") return [];
  const { left, right } = statement.expression;
  const isModule =
    left.type === "MemberExpression" &&
    left.object.type === "Identifier" &&
    left.object.name === "module" &&
    left.property.type === "Identifier" &&
    left.property.name === "exports";
  return isModule || (left.type === "Identifier" && left.name === "exports") ? [right] : [];
}

function constantsOf(statement: Statement | ModuleDeclaration): readonly (readonly [string, Expression])[] {
  if (statement.type !== "VariableDeclaration" || statement.kind !== "const") return [];
  return statement.declarations.flatMap(({ id, init }) =>
    id.type === "Identifier" && init !== null && init !== undefined ? [[id.name, init] as const] : [],
  );
}

class NotLiteral extends Error {
  override readonly name = "NotLiteral";
  readonly line: number;

  constructor({ loc }: Node, what: string) {
    super(what);
    this.line = loc?.start.line ?? 1;
  }
}

class Evaluation {
  readonly #constants: ReadonlyMap<string, Expression>;

  constructor(constants: ReadonlyMap<string, Expression>) {
    this.#constants = constants;
  }

  read(node: Expression, level: number): Tree {
    const line = node.loc?.start.line ?? 1;
    if (level > mostLevels) throw new NotLiteral(node, "is nested too deeply");
    switch (node.type) {
      case "Literal":
        return this.#literal(node.value, node);
      case "TemplateLiteral":
        return scalar(
          node.quasis.map(({ value }, at) => (value.cooked ?? "") + this.#part(node.expressions[at], level)).join(""),
          line,
        );
      case "BinaryExpression":
        if (node.operator !== "+" || node.left.type === "PrivateIdentifier") throw unread(node);
        return scalar(this.#part(node.left, level) + this.#part(node.right, level), line);
      case "UnaryExpression":
        return scalar(this.#negative(node, level), line);
      case "ArrayExpression":
        return { kind: "list", line, items: node.elements.map((item) => this.#item(item, node, level)) };
      case "ObjectExpression":
        return { kind: "map", line, entries: node.properties.map((property) => this.#field(property, level)) };
      case "ParenthesizedExpression":
        return this.read(node.expression, level + 1);
      case "Identifier": {
        if (node.name === "undefined") return scalar(null, line);
        const constant = this.#constants.get(node.name);
        if (constant === undefined) throw unread(node);
        return this.read(constant, level + 1);
      }
      default:
        throw unread(node);
    }
  }

  #literal(value: unknown, node: Expression): Tree {
    if (value === null || ["string", "number", "boolean"].includes(typeof value))
      return scalar(value as string | number | boolean | null, node.loc?.start.line ?? 1);
    throw unread(node);
  }

  #part(node: Expression | undefined, level: number): string {
    if (node === undefined) return "";
    const tree = this.read(node, level + 1);
    if (tree.kind !== "scalar") throw unread(node);
    return tree.text;
  }

  #negative(node: Expression, level: number): number | boolean {
    if (node.type !== "UnaryExpression") throw unread(node);
    const tree = this.read(node.argument, level + 1);
    if (tree.kind !== "scalar" || typeof tree.value !== "number") throw unread(node);
    if (node.operator === "-") return -tree.value;
    if (node.operator === "!") return tree.value === 0;
    throw unread(node);
  }

  #item(item: Node | null, list: Node, level: number): Tree {
    if (item === null || item.type === "SpreadElement") throw unread(item ?? list);
    return this.read(item as Expression, level + 1);
  }

  #field(property: Node, level: number): Field {
    if (property.type !== "Property") throw unread(property);
    const { key, value, computed, kind } = property as Node & {
      readonly key: Expression;
      readonly value: Expression;
      readonly computed: boolean;
      readonly kind: string;
    };
    if (kind !== "init") throw unread(property);
    const name = !computed && key.type === "Identifier" ? key.name : this.#part(key, level);
    return { key: name, value: this.read(value, level + 1), line: property.loc?.start.line ?? 1 };
  }
}

function unread(node: Node): NotLiteral {
  return new NotLiteral(node, "is not literal here: --evaluate runs the file, in a process of its own");
}

function scalar(value: string | number | boolean | null, line: number): Tree {
  return { kind: "scalar", value, text: value === null ? "" : String(value), line };
}
