import { bindingOf, type Protocol, versionOf } from '../../../examples/conformance/protocols.ts';

/**
 * How JSON is spelled: 1.0 in one way; 0.3 with objects that say their `kind` in JSON-RPC, and as its proto has it in
 * HTTP+JSON.
 */
export type Spelling = '1.0' | '0.3' | '0.3 proto';

export function spellingOf(protocol: Protocol): Spelling {
  if (versionOf(protocol) === '1.0') return '1.0';
  return bindingOf(protocol) === 'JSONRPC' ? '0.3' : '0.3 proto';
}

export type Json = null | boolean | string | readonly Json[] | { readonly [name: string]: Json };

/** One thing in every spelling. */
export type Spelled<T = Json> = Readonly<Record<Spelling, T>>;

/**
 * JSON as text. A number is given as a text after `#`, so that nothing of its spelling is left to JavaScript: `#1.0`.
 */
export function wireText(value: unknown): string {
  return JSON.stringify(value).replace(/"#([^"]*)"/g, '$1');
}

/** The reverse of {@link wireText}. @throws SyntaxError */
export function fromWire(text: string): unknown {
  const spelled = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[-+.\deE]*/g, (token) =>
    token.startsWith('"') ? token : `"#${token}"`,
  );
  return JSON.parse(spelled);
}
