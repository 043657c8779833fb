/** What the load sends and the agent answers. */

export const sendBody = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'SendMessage',
  params: {
    message: {
      messageId: 'b7c1',
      role: 'ROLE_USER',
      parts: [{ text: 'What is the weather like in Lisbon today?' }],
    },
  },
});

/** Begins a conversation: the gateway writes down whose it is before it answers. */
export const firstBody = sendBody.replace('b7c1', 'first');

export const streamBody = sendBody.replace('SendMessage', 'SendStreamingMessage');

/** The conversation of all answers but those to {@link firstBody}. */
export const contextId = '0f6f5b3a-6f5e-4a53-8a51-2a6d54bb5c2f';

export const sendAnswer = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: {
    message: {
      messageId: '2f1a9c8e',
      contextId,
      role: 'ROLE_AGENT',
      parts: [{ text: 'Sunny, with a light breeze from the north-west and 21 degrees at noon.' }],
    },
  },
});

export const eventsPerStream = 50;

export const streamEvent = `data: ${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  result: {
    artifactUpdate: {
      taskId: '5b1c9fd0-8a54-4f57-9a1b-52a4e4f1cf10',
      contextId,
      artifact: { artifactId: 'text', parts: [{ text: 'another handful of words ' }] },
      append: true,
    },
  },
})}\n\n`;
