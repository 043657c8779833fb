/**
 * Any text as one that every store keeps exactly: a NUL, a lone surrogate, another control character, a quote and a
 * backslash are escaped as in JSON. Two texts never meet in one key, so a tag or subject with a lone surrogate is
 * not taken for another. Agent ids and OAuth scopes are their own keys. What an agent id begins with, its key begins
 * with.
 */
export function keyText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/**
 * The text a key was made of.
 * @throws SyntaxError for a text `keyText` does not make
 */
export function fromKeyText(key: string): string {
  // A quoted JSON text is a string.
  return JSON.parse(`"${key}"`) as string;
}
