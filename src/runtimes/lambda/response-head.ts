import { hopByHop } from './hop-by-hop.ts';

/** Status and headers, as API Gateway takes them from a function. */
export interface ResponseHead {
  statusCode: number;
  /** Every header, so that repeated ones stay apart. */
  multiValueHeaders: Record<string, string[]>;
}

/** Headers of one connection are left out: the connection is API Gateway's own. */
export function headOf({ status, headers }: Response): ResponseHead {
  const isHopByHop = hopByHop(headers.get('connection'));
  const multiValueHeaders: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    if (isHopByHop(name)) continue;
    multiValueHeaders[name] = [...(multiValueHeaders[name] ?? []), value];
  }
  return { statusCode: status, multiValueHeaders };
}
