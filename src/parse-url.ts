/**
 * The URL that a text is; undefined for a text that is none.
 *
 * Not by `URL.canParse`: that of Node 20, once it has been compiled by some thousand calls, takes every text with Latin letters
 * beyond ASCII for none, so that a check would be left out that a URL must pass.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
