/** One element of DER (X.690): where its content is. */
interface Element {
  tag: number;
  start: number;
  end: number;
}

const sequence = 0x30;
const explicitVersion = 0xa0;
const utcTime = 0x17;
const generalizedTime = 0x18;

/**
 * When a certificate ends, in milliseconds since the epoch (RFC 5280 §4.1.2.5), of its DER. Undefined where that cannot
 * be read. Reads nothing else: neither the signature nor any other member is checked.
 */
export function notAfterMs(der: Uint8Array): number | undefined {
  const certificate = elementAt(der, 0, der.length);
  const body = certificate && childrenOf(der, certificate, 1)?.[0];
  const members = body && childrenOf(der, body, 6);
  if (members === undefined) return undefined;
  // Version, which may be absent, serial number, signature algorithm, issuer, validity.
  const validity = members[members[0]?.tag === explicitVersion ? 4 : 3];
  const until = validity && childrenOf(der, validity, 2)?.[1];
  return until === undefined ? undefined : timeOf(der, until);
}

/** The first elements inside a sequence, at most `limit`; undefined for what is no sequence or is cut short. */
function childrenOf(der: Uint8Array, { tag, start, end }: Element, limit: number): Element[] | undefined {
  if (tag !== sequence) return undefined;
  const children: Element[] = [];
  for (let at = start; at < end && children.length < limit; ) {
    const child = elementAt(der, at, end);
    if (child === undefined) return undefined;
    children.push(child);
    at = child.end;
  }
  return children;
}

/** Tags of one byte and lengths of at most three: no certificate has others on the way to its validity. */
function elementAt(der: Uint8Array, at: number, end: number): Element | undefined {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (lengthBytes > 3 || first === 0x80) return undefined;
  let length = lengthBytes === 0 ? first : 0;
  for (let byte = 0; byte < lengthBytes; byte++) length = length * 256 + (der[at + 2 + byte] ?? 0);
  const start = at + 2 + lengthBytes;
  return start + length <= end ? { tag, start, end: start + length } : undefined;
}

const timePattern = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

function timeOf(der: Uint8Array, { tag, start, end }: Element): number | undefined {
  const text = String.fromCharCode(...der.subarray(start, Math.min(end, start + 16)));
  const yearDigits = tag === utcTime ? 2 : tag === generalizedTime ? 4 : 0;
  const [, year = '', month, day, hour, minute, second] = timePattern.exec(text) ?? [];
  if (year.length !== yearDigits || year === '') return undefined;
  // RFC 5280 §4.1.2.5.1: two digits from 50 on are of the last century.
  const century = yearDigits === 4 ? '' : Number(year) >= 50 ? '19' : '20';
  const time = Date.parse(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}
