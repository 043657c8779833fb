import { cardSignature, extension, provider, role } from './messages.ts';
import { enumOf, list, map, messageOf, one, oneOf, required } from './schema.ts';

/** The messages of `a2a.v1`, the package of A2A 0.3. Names are those of its ProtoJSON, as HTTP+JSON of 0.3 spells them. */

const taskState = enumOf(
  'TASK_STATE_UNSPECIFIED',
  'TASK_STATE_SUBMITTED',
  'TASK_STATE_WORKING',
  'TASK_STATE_COMPLETED',
  'TASK_STATE_FAILED',
  'TASK_STATE_CANCELLED',
  'TASK_STATE_INPUT_REQUIRED',
  'TASK_STATE_REJECTED',
  'TASK_STATE_AUTH_REQUIRED',
);

const filePart = messageOf({
  ...oneOf('file', { fileWithUri: one(1), fileWithBytes: one(2, 'bytes') }),
  mimeType: one(3),
});

const part = messageOf(
  oneOf('part', {
    text: one(1),
    file: one(2, filePart),
    data: one(3, messageOf({ data: one(1, 'struct') })),
  }),
);

const message = messageOf({
  messageId: one(1),
  contextId: one(2),
  taskId: one(3),
  role: one(4, role),
  content: list(5, part),
  metadata: one(6, 'struct'),
  extensions: list(7),
});

const artifact = messageOf({
  artifactId: one(1),
  name: one(3),
  description: one(4),
  parts: list(5, part),
  metadata: one(6, 'struct'),
  extensions: list(7),
});

const taskStatus = messageOf({
  state: one(1, taskState),
  message: one(2, message),
  timestamp: one(3, 'timestamp'),
});

export const task = messageOf({
  id: one(1),
  contextId: one(2),
  status: one(3, taskStatus),
  artifacts: list(4, artifact),
  history: list(5, message),
  metadata: one(6, 'struct'),
});

const statusUpdate = messageOf({
  taskId: one(1),
  contextId: one(2),
  status: one(3, taskStatus),
  final: one(4, 'bool'),
  metadata: one(5, 'struct'),
});

const artifactUpdate = messageOf({
  taskId: one(1),
  contextId: one(2),
  artifact: one(3, artifact),
  append: one(4, 'bool'),
  lastChunk: one(5, 'bool'),
  metadata: one(6, 'struct'),
});

const pushNotificationConfig = messageOf({
  id: one(1),
  url: one(2),
  token: one(3),
  authentication: one(4, messageOf({ schemes: list(1), credentials: one(2) })),
});

/** `name` is `tasks/{id}/pushNotificationConfigs/{configId}`. */
export const pushConfig = messageOf({ name: one(1), pushNotificationConfig: one(2, pushNotificationConfig) });

export const sendMessageRequest = messageOf({
  message: one(1, message),
  configuration: one(
    2,
    messageOf({
      acceptedOutputModes: list(1),
      pushNotification: one(2, pushNotificationConfig),
      historyLength: one(3, 'int32'),
      blocking: one(4, 'bool'),
    }),
  ),
  metadata: one(3, 'struct'),
});

export const getTaskRequest = messageOf({ name: one(1), historyLength: one(2, 'int32') });

/** Of every request that only names what it is about. */
export const nameRequest = messageOf({ name: one(1) });

export const createPushConfigRequest = messageOf({
  parent: one(1),
  configId: one(2),
  config: one(3, pushConfig),
});

export const listPushConfigsRequest = messageOf({
  parent: one(1),
  pageSize: one(2, 'int32'),
  pageToken: one(3),
});

export const sendMessageResponse = messageOf(
  oneOf('payload', { task: one(1, task), message: one(2, message) }),
);

export const streamResponse = messageOf(
  oneOf('payload', {
    task: one(1, task),
    message: one(2, message),
    statusUpdate: one(3, statusUpdate),
    artifactUpdate: one(4, artifactUpdate),
  }),
);

export const listPushConfigsResponse = messageOf({
  configs: required(list(1, pushConfig)),
  nextPageToken: one(2),
});

const security = messageOf({ schemes: map(1, messageOf({ list: list(1) })) });

const flow = { tokenUrl: one(1), refreshUrl: one(2), scopes: map(3) };

const oauthFlows = messageOf(
  oneOf('flow', {
    authorizationCode: one(
      1,
      messageOf({ authorizationUrl: one(1), tokenUrl: one(2), refreshUrl: one(3), scopes: map(4) }),
    ),
    clientCredentials: one(2, messageOf(flow)),
    implicit: one(3, messageOf({ authorizationUrl: one(1), refreshUrl: one(2), scopes: map(3) })),
    password: one(4, messageOf(flow)),
  }),
);

const securityScheme = messageOf(
  oneOf('scheme', {
    apiKeySecurityScheme: one(1, messageOf({ description: one(1), location: one(2), name: one(3) })),
    httpAuthSecurityScheme: one(2, messageOf({ description: one(1), scheme: one(2), bearerFormat: one(3) })),
    oauth2SecurityScheme: one(
      3,
      messageOf({ description: one(1), flows: one(2, oauthFlows), oauth2MetadataUrl: one(3) }),
    ),
    openIdConnectSecurityScheme: one(4, messageOf({ description: one(1), openIdConnectUrl: one(2) })),
    mtlsSecurityScheme: one(5, messageOf({ description: one(1) })),
  }),
);

const skill = messageOf({
  id: one(1),
  name: one(2),
  description: required(one(3)),
  tags: required(list(4)),
  examples: list(5),
  inputModes: list(6),
  outputModes: list(7),
  security: list(8, security),
});

export const agentCard = messageOf({
  name: required(one(1)),
  description: required(one(2)),
  url: one(3),
  provider: one(4, provider),
  version: required(one(5)),
  documentationUrl: one(6),
  capabilities: one(
    7,
    messageOf({
      streaming: one(1, 'bool'),
      pushNotifications: one(2, 'bool'),
      extensions: list(3, extension),
    }),
  ),
  securitySchemes: map(8, securityScheme),
  security: list(9, security),
  defaultInputModes: required(list(10)),
  defaultOutputModes: required(list(11)),
  skills: required(list(12, skill)),
  supportsAuthenticatedExtendedCard: one(13, 'bool'),
  preferredTransport: one(14),
  additionalInterfaces: list(15, messageOf({ url: one(1), transport: one(2) })),
  protocolVersion: one(16),
  signatures: list(17, cardSignature),
});
