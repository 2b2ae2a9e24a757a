/** Unsaved text that outlives the page in this browser tab, for ways out that cannot be guarded: back, crash, reload. */
const keyOf = (recipe: string) => `automatos.recipe-draft.${recipe}`;

export function leaveBehind(recipe: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(keyOf(recipe));
    else sessionStorage.setItem(keyOf(recipe), text);
  } catch {
    // A browser without storage only loses this convenience.
    return;
  }
}

export function leftBehind(recipe: string): string | null {
  try {
    return sessionStorage.getItem(keyOf(recipe));
  } catch {
    // As above.
    return null;
  }
}
