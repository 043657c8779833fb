import type { AgentCard, ListTasksRequest, ListTasksResponse, SendMessageRequest } from '@a2a-js/sdk';
import { V03PushNotificationSerializer } from '@a2a-js/sdk/compat/v0_3/server';
import {
  ContentTypeNotSupportedError,
  ExtendedAgentCardNotConfiguredError,
  ExtensionSupportRequiredError,
  InvalidAgentResponseError,
  PushNotificationNotSupportedError,
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
  VersionNotSupportedError,
} from '@a2a-js/sdk/errors';
import {
  type AgentExecutor,
  DefaultPushNotificationSender,
  DefaultRequestHandler,
  InMemoryPushNotificationStore,
  InMemoryTaskStore,
  type ServerCallContext,
} from '@a2a-js/sdk/server';
import { extensionUri } from './card.ts';

/** What an error says of itself beside its name, so that it shows whether that is lost on the way. */
const evidence = { metadata: { provokedBy: 'message-id' } };

/**
 * Errors of sending a message, streamed or not, by what the message's id begins with. Most of them come by themselves
 * too, where a caller does what they are for.
 */
export const provokedErrors: Readonly<Record<string, () => Error>> = {
  'gw-task-not-found': () => new TaskNotFoundError(evidence),
  'gw-task-not-cancelable': () => new TaskNotCancelableError(evidence),
  'gw-push-not-supported': () => new PushNotificationNotSupportedError(evidence),
  'gw-unsupported-operation': () => new UnsupportedOperationError(evidence),
  'gw-content-type': () => new ContentTypeNotSupportedError(evidence),
  'gw-invalid-agent-response': () => new InvalidAgentResponseError(evidence),
  'gw-extended-card-not-configured': () => new ExtendedAgentCardNotConfiguredError(evidence),
  'gw-extension-required': () => new ExtensionSupportRequiredError(evidence),
  'gw-version-not-supported': () => new VersionNotSupportedError(evidence),
  'gw-invalid-params': () => new RequestMalformedError('Refused as asked.'),
  'gw-internal-error': () => new Error('Broken as asked.'),
};

export interface HandlerParts {
  card: AgentCard;
  executor: AgentExecutor;
  /** Absent: an extended card may be declared all the same, and is not configured. */
  extendedCard?: AgentCard;
}

/** The SDK's request handler, with errors that messages ask for and what the SDK does otherwise than A2A says. */
export class ConformanceHandler extends DefaultRequestHandler {
  constructor({ card, executor, extendedCard }: HandlerParts) {
    const pushStore = new InMemoryPushNotificationStore();
    // A webhook is told things in the version it was registered in.
    const serializers = { '0.3': new V03PushNotificationSerializer() };
    super(
      card,
      new ConformanceTaskStore(),
      executor,
      undefined,
      pushStore,
      new DefaultPushNotificationSender(pushStore, { serializers }),
      extendedCard === undefined ? undefined : async () => extendedCard,
      undefined,
      { validateInputModes: true },
    );
  }

  override sendMessage(params: SendMessageRequest, context: ServerCallContext) {
    prepare(params, context);
    return super.sendMessage(params, context);
  }

  /** Throws before there is a generator, so that the refusal comes as no stream. */
  override sendMessageStream(params: SendMessageRequest, context: ServerCallContext) {
    prepare(params, context);
    return super.sendMessageStream(params, context);
  }
}

function prepare({ message }: SendMessageRequest, context: ServerCallContext): void {
  const messageId = message?.messageId ?? '';
  const provoked = Object.entries(provokedErrors).find(([prefix]) => messageId.startsWith(prefix));
  if (provoked !== undefined) throw provoked[1]();
  if (context.requestedExtensions?.includes(extensionUri)) context.addActivatedExtension(extensionUri);
}

class ConformanceTaskStore extends InMemoryTaskStore {
  /** `statusTimestampAfter` includes the moment it names (A2A §3.1.4), and the SDK's store begins behind it. */
  override list(params: ListTasksRequest, context: ServerCallContext): Promise<ListTasksResponse> {
    const { statusTimestampAfter: from } = params;
    if (from === undefined || from === '') return super.list(params, context);
    const justBefore = new Date(Date.parse(from) - 1).toISOString();
    return super.list({ ...params, statusTimestampAfter: justBefore }, context);
  }
}
