import { describe, expect, it } from 'vitest';
import { parseSeed } from './seed-properties.ts';

const given = { scope: 'group:staff', allowedAgents: ['billing'], operations: ['send'] };

describe('a permission of a stack', () => {
  it('has its limits and skills as texts, as CloudFormation hands them on', () => {
    const nested = {
      ...{
        requestsPerMinute: '60',
        burst: '5',
        requestsPerDay: '0',
        maxOpenStreams: '2',
        maxBodyBytes: '1024',
      },
      allowedSkills: '{"billing":["pay-*"]}',
      agentLimits: '{"billing":3,"hr":{"burst":1}}',
    };
    expect(
      parseSeed({ permissions: [{ ...given, deniedAgents: ['tag:x'], ...nested }] }).permissions,
    ).toEqual([
      {
        ...given,
        deniedAgents: ['tag:x'],
        ...{ requestsPerMinute: 60, burst: 5, requestsPerDay: 0, maxOpenStreams: 2, maxBodyBytes: 1024 },
        allowedSkills: { billing: ['pay-*'] },
        agentLimits: { billing: 3, hr: { burst: 1 } },
      },
    ]);
  });

  it.each([
    { scope: 'group:' },
    { scope: 'client:a:b:c' },
    { deniedAgents: ['Billing'] },
    { allowedSkills: '{"hr-*":["pay"]}' },
    { allowedSkills: 'pay' },
    { requestsPerMinute: '-1' },
    { requestsPerMinute: '' },
    { agentLimits: '{"tag:x":3}' },
  ])('is refused with %j', (members) => {
    expect(() => parseSeed({ permissions: [{ ...given, ...members }] })).toThrow(
      /properties\.permissions\.0/,
    );
  });
});
