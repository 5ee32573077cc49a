const chosen = ':root[data-theme="dark"]';
const usual = ':root:not([data-theme="light"])';

/**
 * Rules of the dark theme, which are for `:root[data-theme="dark"]`: the same again for systems that are dark, as long as
 * nobody has chosen the light one.
 */
export function alsoOnDarkSystems(rules: string): string {
  return `${rules}\n@media (prefers-color-scheme: dark) {\n${rules.replaceAll(chosen, usual)}\n}`;
}
