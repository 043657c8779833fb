import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { message } from '../support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { legacyCardAt, legacyMessage } from '../support/legacy.ts';
import { protoMessage } from '../support/legacy-proto.ts';
import { answerJson, cardAt } from '../support/scripted-agent.ts';

/** Messages that name one skill to the gateway and another, or none, to some agent that reads them. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  const { card, url } = gateway.agent;
  card(cardAt(url));
  await register(gateway, { agentId: 'of-1' });
  card(legacyCardAt(url));
  await register(gateway, { agentId: 'of-0' });
  const allowedSkills = { 'of-1': ['pay'], 'of-0': ['pay'] };
  await permit(gateway, 'demo', { allowedAgents: ['*'], allowedSkills });
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.agent.seen.splice(0);
  gateway.agent.script(answerJson({ error: {} }, 400));
});

/** How a message is sent, by the text of its members beside the usual ones. */
const forms = {
  'JSON-RPC 1.0': ['1.0', '', message, rpcOf('SendMessage')],
  'HTTP+JSON 1.0': ['1.0', '/message:send', message, restOf('message')],
  'JSON-RPC 0.3': ['0.3', '', legacyMessage, rpcOf('message/send')],
  'HTTP+JSON 0.3': ['0.3', '/v1/message:send', protoMessage, restOf('message')],
  'HTTP+JSON 0.3, by the names of the proto': ['0.3', '/v1/message:send', protoMessage, restOf('request')],
} as const;

function rpcOf(method: string) {
  return (text: string) => `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{"message":${text}}}`;
}

function restOf(name: string) {
  return (text: string) => `{"${name}":${text}}`;
}

async function send(form: keyof typeof forms, agentId: string, members: string): Promise<string> {
  const [version, path, given, bodyOf] = forms[form];
  const text = `${JSON.stringify(given).slice(0, -1)}${members}}`;
  const headers = { 'content-type': 'application/json', 'a2a-version': version };
  const body = bodyOf(text);
  return (await gateway.fetch(`/agents/${agentId}${path}`, { method: 'POST', headers, body })).text();
}

const all = Object.keys(forms) as (keyof typeof forms)[];

describe.each(all)('%s', (form) => {
  it('lets through what names the skill plainly', async () => {
    for (const agentId of ['of-1', 'of-0']) {
      const members = ',"metadata":{"about":{"skillId":"refund"},"skillId":"\\u0070ay"}';
      const answer = await send(form, agentId, members);
      expect(gateway.agent.seen, answer).toHaveLength(1);
      const [{ body = '' } = {}] = gateway.agent.seen.splice(0);
      expect(JSON.stringify(JSON.parse(body))).toContain('"skillId":"pay"');
    }
  });

  it.each([
    ['two skills', ',"metadata":{"skillId":"pay","skillId":"refund"}'],
    ['two, the good one last', ',"metadata":{"skillId":"refund","skillId":"pay"}'],
    ['two, one of them escaped', ',"metadata":{"skillId":"pay","skill\\u0049d":"refund"}'],
    ['two metadata', ',"metadata":{"skillId":"pay"},"metadata":{"skillId":"refund"}'],
    ['two metadata, one of another case', ',"metadata":{"skillId":"pay"},"Metadata":{"skillId":"refund"}'],
    ['two metadata, one of them escaped', ',"metadata":{"skillId":"pay"},"m\\u0065tadata":null'],
    ['a skill beside it in snake case', ',"metadata":{"skillId":"pay","skill_id":"refund"}'],
    ['a skill beside it in capitals', ',"metadata":{"skillId":"pay","SkillID":"refund"}'],
    ['a skill beside it with the Kelvin sign', ',"metadata":{"skillId":"pay","s\u212aillId":"refund"}'],
    ['a list of skills', ',"metadata":{"skillId":["pay","refund"]}'],
    ['an object for a skill', ',"metadata":{"skillId":{"toString":"pay"}}'],
    ['a number for a skill', ',"metadata":{"skillId":1}'],
    ['a skill that is too long', `,"metadata":{"skillId":"${'p'.repeat(1_025)}"}`],
  ])('refuses %s', async (_, members) => {
    for (const agentId of ['of-1', 'of-0'])
      expect(await send(form, agentId, members)).toContain('MEMBER_REFUSED');
    expect(gateway.agent.seen).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['metadata that is a list', ',"metadata":[{"skillId":"pay"}]'],
    ['metadata that is a text', ',"metadata":"skillId"'],
    ['the skill only in another spelling', ',"metadata":{"__proto__":{"skillId":"pay"}}'],
    ['the skill at another place', ',"skillId":"pay","extensions":["pay"]'],
    ['null', ',"metadata":{"skillId":null}'],
    ['another skill', ',"metadata":{"skillId":"refund"}'],
    ['the skill with a space', ',"metadata":{"skillId":" pay"}'],
    ['the skill with a NUL', ',"metadata":{"skillId":"pay\\u0000"}'],
  ])('lets %s not pass for the skill', async (_, members) => {
    for (const agentId of ['of-1', 'of-0']) {
      expect(await send(form, agentId, members)).toMatch(/SKILL_FORBIDDEN|MEMBER_REFUSED/);
    }
    expect(gateway.agent.seen).toEqual([]);
  });
});

it('is not satisfied by metadata of the request', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ message, metadata: { skillId: 'pay' } });
  const answer = await gateway.fetch('/agents/of-1/message:send', { method: 'POST', headers, body });
  expect(await answer.text()).toContain('SKILL_FORBIDDEN');
});

it('leaves the metadata alone of those whose permission names no skills', async () => {
  await permit(gateway, 'demo', { allowedAgents: ['*'] });
  const members = ',"metadata":{"skill_id":"a","skillId":["b"],"SkillID":1}';
  for (const form of all) await send(form, 'of-1', members);
  expect(gateway.agent.seen).toHaveLength(all.length);
});
