import { enumOf, list, map, messageOf, one, oneOf, required } from './schema.ts';

/** The messages of `lf.a2a.v1`, the protocol's normative data model (A2A §1.4). */

export const taskState = enumOf(
  'TASK_STATE_UNSPECIFIED',
  'TASK_STATE_SUBMITTED',
  'TASK_STATE_WORKING',
  'TASK_STATE_COMPLETED',
  'TASK_STATE_FAILED',
  'TASK_STATE_CANCELED',
  'TASK_STATE_INPUT_REQUIRED',
  'TASK_STATE_REJECTED',
  'TASK_STATE_AUTH_REQUIRED',
);

export const role = enumOf('ROLE_UNSPECIFIED', 'ROLE_USER', 'ROLE_AGENT');

const part = messageOf({
  ...oneOf('content', { text: one(1), raw: one(2, 'bytes'), url: one(3), data: one(4, 'value') }),
  metadata: one(5, 'struct'),
  filename: one(6),
  mediaType: one(7),
});

const message = messageOf({
  messageId: one(1),
  contextId: one(2),
  taskId: one(3),
  role: one(4, role),
  parts: list(5, part),
  metadata: one(6, 'struct'),
  extensions: list(7),
  referenceTaskIds: list(8),
});

const artifact = messageOf({
  artifactId: one(1),
  name: one(2),
  description: one(3),
  parts: list(4, part),
  metadata: one(5, 'struct'),
  extensions: list(6),
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
  metadata: one(4, 'struct'),
});

const artifactUpdate = messageOf({
  taskId: one(1),
  contextId: one(2),
  artifact: one(3, artifact),
  append: one(4, 'bool'),
  lastChunk: one(5, 'bool'),
  metadata: one(6, 'struct'),
});

export const pushConfig = messageOf({
  tenant: one(1),
  id: one(2),
  taskId: one(3),
  url: one(4),
  token: one(5),
  authentication: one(6, messageOf({ scheme: one(1), credentials: one(2) })),
});

const sendConfiguration = messageOf({
  acceptedOutputModes: list(1),
  taskPushNotificationConfig: one(2, pushConfig),
  historyLength: one(3, 'int32'),
  returnImmediately: one(4, 'bool'),
});

export const sendMessageRequest = messageOf({
  tenant: one(1),
  message: one(2, message),
  configuration: one(3, sendConfiguration),
  metadata: one(4, 'struct'),
});

export const getTaskRequest = messageOf({ tenant: one(1), id: one(2), historyLength: one(3, 'int32') });

export const listTasksRequest = messageOf({
  tenant: one(1),
  contextId: one(2),
  status: one(3, taskState),
  pageSize: one(4, 'int32'),
  pageToken: one(5),
  historyLength: one(6, 'int32'),
  statusTimestampAfter: one(7, 'timestamp'),
  includeArtifacts: one(8, 'bool'),
});

export const cancelTaskRequest = messageOf({ tenant: one(1), id: one(2), metadata: one(3, 'struct') });

export const subscribeToTaskRequest = messageOf({ tenant: one(1), id: one(2) });

/** Of reading and of deleting one. */
export const pushConfigRequest = messageOf({ tenant: one(1), taskId: one(2), id: one(3) });

export const listPushConfigsRequest = messageOf({
  tenant: one(4),
  taskId: one(1),
  pageSize: one(2, 'int32'),
  pageToken: one(3),
});

export const extendedCardRequest = messageOf({ tenant: one(1) });

export const empty = messageOf({});

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

/** All four are there on every page, the last one included (A2A §3.1.4). */
export const listTasksResponse = messageOf({
  tasks: required(list(1, task)),
  nextPageToken: required(one(2)),
  pageSize: required(one(3, 'int32')),
  totalSize: required(one(4, 'int32')),
});

export const listPushConfigsResponse = messageOf({
  configs: required(list(1, pushConfig)),
  nextPageToken: one(2),
});

const securityRequirement = messageOf({ schemes: map(1, messageOf({ list: list(1) })) });

const flowOf = (first: number) => ({
  tokenUrl: one(first),
  refreshUrl: one(first + 1),
  scopes: map(first + 2),
});

const oauthFlows = messageOf(
  oneOf('flow', {
    authorizationCode: one(
      1,
      messageOf({ authorizationUrl: one(1), ...flowOf(2), pkceRequired: one(5, 'bool') }),
    ),
    clientCredentials: one(2, messageOf(flowOf(1))),
    implicit: one(3, messageOf({ authorizationUrl: one(1), refreshUrl: one(2), scopes: map(3) })),
    password: one(4, messageOf(flowOf(1))),
    deviceCode: one(5, messageOf({ deviceAuthorizationUrl: one(1), ...flowOf(2) })),
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
  securityRequirements: list(8, securityRequirement),
});

export const provider = messageOf({ url: one(1), organization: one(2) });

export const extension = messageOf({
  uri: one(1),
  description: one(2),
  required: one(3, 'bool'),
  params: one(4, 'struct'),
});

export const cardSignature = messageOf({ protected: one(1), signature: one(2), header: one(3, 'struct') });

export const agentCard = messageOf({
  name: required(one(1)),
  description: required(one(2)),
  supportedInterfaces: required(
    list(3, messageOf({ url: one(1), protocolBinding: one(2), tenant: one(3), protocolVersion: one(4) })),
  ),
  provider: one(4, provider),
  version: required(one(5)),
  documentationUrl: one(6),
  capabilities: one(
    7,
    messageOf({
      streaming: one(1, 'bool'),
      pushNotifications: one(2, 'bool'),
      extensions: list(3, extension),
      extendedAgentCard: one(4, 'bool'),
    }),
  ),
  securitySchemes: map(8, securityScheme),
  securityRequirements: list(9, securityRequirement),
  defaultInputModes: required(list(10)),
  defaultOutputModes: required(list(11)),
  skills: required(list(12, skill)),
  signatures: list(13, cardSignature),
  iconUrl: one(14),
});
