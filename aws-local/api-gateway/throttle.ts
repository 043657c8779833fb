import type { Throttle } from './model.ts';

/**
 * Token buckets as the stage sets them: one for each setting, the most specific of which counts. What AWS shares among
 * regions, accounts and hosts is not modelled; a bucket here is exact, AWS's is best effort.
 *
 * @returns whether a request may pass now
 */
export function createThrottling(
  throttles: readonly Throttle[],
  nowMs: () => number,
): (httpMethod: string, resourcePath: string) => boolean {
  const buckets = throttles.map((throttle) => ({ throttle, tokens: throttle.burstLimit, atMs: nowMs() }));
  return (httpMethod, resourcePath) => {
    const matching = buckets.filter(({ throttle }) => applies(throttle, httpMethod, resourcePath));
    matching.sort((a, b) => specificity(b.throttle) - specificity(a.throttle));
    const [bucket] = matching;
    if (bucket === undefined) return true;
    const { rateLimit, burstLimit } = bucket.throttle;
    const now = nowMs();
    bucket.tokens = Math.min(burstLimit, bucket.tokens + ((now - bucket.atMs) / 1000) * rateLimit);
    bucket.atMs = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  };
}

function applies(throttle: Throttle, httpMethod: string, resourcePath: string): boolean {
  return (
    (throttle.httpMethod === '*' || throttle.httpMethod === httpMethod) &&
    (throttle.resourcePath === '/*' || throttle.resourcePath === resourcePath)
  );
}

function specificity({ httpMethod, resourcePath }: Throttle): number {
  return (resourcePath === '/*' ? 0 : 2) + (httpMethod === '*' ? 0 : 1);
}
