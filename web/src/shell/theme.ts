/** Light, dark, or what the system says. public/theme.js does the same before the first paint. */
import { readStored, useStored, writeStored } from "@/kit/stored";

export type Theme = "system" | "light" | "dark";

export const useTheme = () => asTheme(useStored("theme"));
const asTheme = (value: string | null): Theme => (value === "light" || value === "dark" ? value : "system");
const prefersDark = () => window.matchMedia("(prefers-color-scheme: dark)");

export function setTheme(theme: Theme): void {
  writeStored("theme", theme === "system" ? null : theme);
  paint();
}

/** Write the theme onto the page. */
export function paint(): void {
  const theme = asTheme(readStored("theme"));
  const dark = theme === "dark" || (theme === "system" && prefersDark().matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

/** Follow the system while the choice is "system". */
export function followSystemTheme(): void {
  prefersDark().addEventListener("change", paint);
}
