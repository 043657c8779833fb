import type { OutgoingRequest } from '../request.ts';

/**
 * A request that can be signed: what a signature covers must be the same text to the one who signs, on the wire and to
 * the one who verifies. So the query is percent-encoded as RFC 3986 has it, where `+` would be a space to some, and
 * headers beyond ASCII, whose bytes nobody agrees on, are left out.
 */
export function signable(request: OutgoingRequest): OutgoingRequest {
  const url = new URL(request.url);
  if (url.search !== '') url.search = encodedQuery(url.searchParams);
  const headers = Object.entries(request.headers).filter(([, value]) => /^[\x20-\x7e]*$/.test(value));
  return { ...request, url, headers: Object.fromEntries(headers) };
}

function encodedQuery(pairs: URLSearchParams): string {
  return [...pairs].map(([name, value]) => `${strictlyEncoded(name)}=${strictlyEncoded(value)}`).join('&');
}

/** `encodeURIComponent` leaves five characters as they are that RFC 3986 reserves. */
function strictlyEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
