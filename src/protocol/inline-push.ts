import { unwrap } from '../failure.ts';
import { guardOf, inspect, type JsonSpan, replaceSpan } from './json.ts';
import type { Binding } from './protocols.ts';
import { inBothSpellings } from './v0_3/proto-names.ts';
import type { ServedVersion } from './version.ts';

/** What `configuration` of a message calls its push configuration, in a version and binding (A2A §3.2.2, 0.3 §7.1.1). */
export function inlinePushName(version: ServedVersion, binding: Binding): string {
  if (version === '1.0') return 'taskPushNotificationConfig';
  return binding === 'JSONRPC' ? 'pushNotificationConfig' : 'pushNotification';
}

/**
 * The text of a message with another push configuration in the place of its own, and nothing else touched. As it is where
 * it has none there.
 *
 * @param within where the request stands in the text: `params.`, or nothing
 * @param config as the text's version spells it, in JSON
 * @throws GatewayError `member_refused` for a member that would be taken for one on the way there
 */
export function withInlinePush(
  text: string,
  config: string,
  { version, binding, within }: { version: ServedVersion; binding: Binding; within: string },
): string {
  const path = `configuration.${inlinePushName(version, binding)}`;
  const paths = version === '0.3' && binding !== 'JSONRPC' ? inBothSpellings([path]) : [path];
  const spans = unwrap(inspect(text, guardOf(paths.map((path) => within + path))));
  const span = paths
    .map((path) => spans.get(within + path))
    .find((found): found is JsonSpan => found !== undefined);
  return span === undefined ? text : replaceSpan(text, span, config);
}
