import { authorityOf, bareHost, isCommonHost, isInternalHost } from './url.ts';

/** Replaces what a text says of the backend's address; any other text is returned as it is. */
export type Redact = (text: string) => string;

/**
 * How a host gives itself away. A private name or address is a secret wherever it stands. A public name may be the
 * agent's name too (`mail ops@example.com`), so only an address counts: after `//`, or before a port or path. A common
 * word counts after `//` or before the very port of an interface.
 */
type Manner = 'anywhere' | 'address' | 'common';

interface Needle {
  host: string;
  manner: Manner;
  ports: ReadonlySet<string>;
}

interface Mention {
  start: number;
  end: number;
}

// A URL ends at the first of these. Brackets do not end it: IPv6 hosts have them.
const tokens = /[^\s<>"'`(),;|]+/g;

/** Of what stands before a host, as much as is looked at: a scheme and credentials fit. */
const lookBehind = 128;
const slashes = String.raw`(?:\\?\/|%2f)`;
const afterSlashes = new RegExp(`${slashes}{2}(?:[^\\s/@]*@)?\\[?$`);
const schemeBefore = new RegExp(`[a-z][a-z0-9+.-]{0,15}(?::|%3a)${slashes}{2}(?:[^\\s/@]*@)?[[a-z0-9._-]*$`);
/** An escape ends in a letter or digit that is not part of a name. */
const escapeBefore = /%[0-9a-f]{2}$|\\[nrt]$/;
const wordBefore = /[[a-z0-9._-]*$/;
const addressAfter = new RegExp(`^\\]?\\.?(?:(?::|%3a)\\d|${slashes})`);
const trailingPunctuation = new Set('.:!?]}*_~');

/**
 * A function that replaces every URL, `host:port` and internal host name of the given URLs by `replacement`,
 * in one pass, in any letter case, with whatever path follows. The rest of the text is untouched, and a text with no
 * such mention comes back identical. Time is linear in the text.
 * Does not find an address that is spelled in words, encoded other than by percent, or resolved from another name.
 */
export function createRedact(urls: readonly string[], replacement: string): Redact {
  const all = needlesOf(urls);
  return (text) => {
    const lower = lowerAscii(text);
    const needles = all.filter(({ host }) => lower.includes(host));
    if (needles.length === 0) return text;
    return text.replace(tokens, (token) => redactToken(token, needles, replacement));
  };
}

function needlesOf(urls: readonly string[]): Needle[] {
  const ports = new Map<string, Set<string>>();
  for (const url of urls) {
    const authority = authorityOf(url);
    for (const host of [...(authority ? [bareHost(authority.hostname)] : []), ...hostsAsWritten(url)]) {
      ports.set(host, (ports.get(host) ?? new Set()).add(authority?.port ?? ''));
    }
  }
  return [...ports].map(([host, set]) => ({ host, manner: mannerOf(host), ports: set }));
}

/** The URL parser turns Unicode hosts into punycode and hexadecimal addresses into dotted ones; a text may not. */
function hostsAsWritten(url: string): string[] {
  const authority = /^(?:https?:\/\/)?([^/?]+)/i.exec(url)?.[1] ?? '';
  const host = bareHost(lowerAscii(authority.replace(/:\d*$/, '')));
  return host === '' ? [] : [host];
}

function mannerOf(host: string): Manner {
  if (isCommonHost(host)) return 'common';
  return isInternalHost(host) ? 'anywhere' : 'address';
}

function redactToken(token: string, needles: readonly Needle[], replacement: string): string {
  const lower = lowerAscii(token);
  const mentions = needles.map((needle) => mentionOf(lower, needle)).filter((found) => found !== undefined);
  if (mentions.length === 0) return token;
  const start = Math.min(...mentions.map((mention) => mention.start));
  const end = Math.max(...mentions.map((mention) => mention.end));
  return token.slice(0, start) + replacement + token.slice(end);
}

/** The first mention, to the end of the token: what follows a host is its path. */
function mentionOf(lower: string, needle: Needle): Mention | undefined {
  for (let at = lower.indexOf(needle.host); at !== -1; at = lower.indexOf(needle.host, at + 1)) {
    const before = lower.slice(Math.max(0, at - lookBehind), at);
    const after = lower.slice(at + needle.host.length);
    if (!isMention(before, after, needle)) continue;
    return { start: at - prefixLength(before), end: endOfAddress(lower, at + needle.host.length) };
  }
  return undefined;
}

function isMention(before: string, after: string, { manner, ports }: Needle): boolean {
  const escaped = escapeBefore.test(before.slice(-3));
  // Names below a private name are private too; `a.lan` in `banana.language` is not that name.
  if (manner === 'anywhere')
    return (escaped || !/[a-z0-9]$/.test(before.slice(-1))) && !/^[a-z0-9]/.test(after);
  // Part of a longer public name is another host.
  if (!escaped && /[a-z0-9._-]/.test(before.slice(-1))) return false;
  if (/^[a-z0-9_-]|^\.[a-z0-9]/.test(after)) return false;
  if (afterSlashes.test(before)) return true;
  if (manner === 'address') return addressAfter.test(after);
  const port = /^\]?(?::|%3a)(\d+)/.exec(after)?.[1];
  return port !== undefined && ports.has(port);
}

/** How much before the host belongs to it: scheme and credentials, or the labels of a longer name. */
function prefixLength(before: string): number {
  const prefix = schemeBefore.exec(before) ?? wordBefore.exec(before);
  return prefix === null ? 0 : prefix[0].length;
}

/** A sentence goes on after an address: punctuation at the end is not part of it. */
function endOfAddress(token: string, endOfHost: number): number {
  let end = token.length;
  while (end > endOfHost && trailingPunctuation.has(token.charAt(end - 1))) end -= 1;
  return end;
}

/** Of the same length as the text, which `toLowerCase` need not be. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
