/** What a new password must be. The server has the last word. */
export const MIN_PASSWORD = 8;

/** The sentence to show, or null when the two are fine. */
export function passwordProblem(password: string, again: string): string | null {
  if (password.length < MIN_PASSWORD) return `Use at least ${MIN_PASSWORD} characters.`;
  if (password !== again) return "The two are not the same.";
  return null;
}
