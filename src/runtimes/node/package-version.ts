import { readFileSync } from 'node:fs';

/** The nearest package.json above this file is the gateway's, run from source or from `dist`. */
function readVersion(from: string): string {
  const file = new URL('package.json', from);
  try {
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }; // Our own file.
    return version;
  } catch (error) {
    if (file.pathname === '/package.json') throw error;
    return readVersion(new URL('../', from).href);
  }
}

export const packageVersion = readVersion(new URL('./', import.meta.url).href);
