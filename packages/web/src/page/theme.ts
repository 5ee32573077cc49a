/** How the page looks: `system` is what the reader's system says. */
export type Theme = "system" | "dark" | "light";

const key = "upkeep-theme";
const order: readonly Theme[] = ["system", "dark", "light"];

/** What was chosen last in this browser. */
export function storedTheme(): Theme {
  const stored = readStored(key);
  return order.find((one) => one === stored) ?? "system";
}

/** Makes the page look so, and remembers it. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  store(key, theme);
}

export function nextTheme(theme: Theme): Theme {
  return order[(order.indexOf(theme) + 1) % order.length] ?? "system";
}

/** A browser may forbid storage. */
export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Then it is forgotten with the page.
  }
}
