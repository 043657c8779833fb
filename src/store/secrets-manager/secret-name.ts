/** The longest name Secrets Manager takes. */
const maxNameChars = 512;

/**
 * A secret's name at AWS: the prefix, then the name with every character that Secrets Manager does not take, and `=`
 * itself, as `=HH` for each byte of UTF-8. Two names never meet in one, and a name that begins with another does so
 * at AWS too.
 *
 * @throws TypeError for a name that is too long for AWS or holds a lone surrogate, which has no UTF-8
 */
export function toAwsName(prefix: string, name: string): string {
  if (/\p{Surrogate}/u.test(name)) throw new TypeError('a secret name cannot hold a lone surrogate');
  const encoded = prefix + name.replaceAll(/[^A-Za-z0-9/_+.@-]/gu, toHex);
  if (encoded.length > maxNameChars) {
    throw new TypeError(`a secret name of ${encoded.length} characters; AWS takes ${maxNameChars}`);
  }
  return encoded;
}

/** The name `toAwsName` was given with this prefix. Undefined for a text it does not make. */
export function fromAwsName(prefix: string, awsName: string): string | undefined {
  if (!awsName.startsWith(prefix)) return undefined;
  const encoded = awsName.slice(prefix.length);
  if (encoded.includes('%')) return undefined;
  try {
    const name = decodeURIComponent(encoded.replaceAll('=', '%'));
    // Someone else's secret may be spelled in a way that is never written here, such as `=61` for `a`.
    return toAwsName(prefix, name) === awsName ? name : undefined;
  } catch {
    return undefined;
  }
}

function toHex(character: string): string {
  return Array.from(new TextEncoder().encode(character), hexOf).join('');
}

function hexOf(byte: number): string {
  return `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
