import { createHash } from 'node:crypto';
import type { ConnectionOptions } from '../ports.ts';

/** By default so many; one with an authority of its own holds about 50 KB. */
const defaultMax = 1_000;

/**
 * What is made once for all connections with equal options and never serves others: a client certificate must not speak
 * for another agent. Bounded: the least recently used goes first. The usual one, for connections that differ in nothing,
 * stays, and costs no digest.
 */
export class PerConnection<T> {
  readonly #make: (connection: ConnectionOptions) => T;
  readonly #leave: (made: T) => void;
  readonly #max: number;
  readonly #usual: T;
  /** By digest, so that no key holds a secret; in the order of last use. */
  readonly #made = new Map<string, T>();

  /** @param leave told of each that goes */
  constructor(
    make: (connection: ConnectionOptions) => T,
    leave: (made: T) => void = () => {},
    max = defaultMax,
  ) {
    this.#make = make;
    this.#leave = leave;
    this.#max = max;
    this.#usual = make({});
  }

  of(connection: ConnectionOptions | undefined): T {
    if (connection === undefined) return this.#usual;
    const key = digestOf(connection);
    if (key === usualKey) return this.#usual;
    const made = this.#made.get(key) ?? this.#make(connection);
    this.#made.delete(key);
    this.#made.set(key, made);
    if (this.#made.size > this.#max) this.#dropOldest();
    return made;
  }

  /** The usual one first. */
  all(): T[] {
    return [this.#usual, ...this.#made.values()];
  }

  #dropOldest(): void {
    for (const [key, oldest] of this.#made) {
      this.#made.delete(key);
      this.#leave(oldest);
      return;
    }
  }
}

const usualKey = digestOf({});

/** Every member has its place, so that no two options read alike. */
function digestOf({ connectTimeoutMs, caCertificates, clientCertificate }: ConnectionOptions): string {
  const { certificate, privateKey } = clientCertificate ?? {};
  const members = [connectTimeoutMs, caCertificates, certificate, privateKey];
  return createHash('sha256').update(JSON.stringify(members)).digest('base64');
}
