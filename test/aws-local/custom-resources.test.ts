import { expect, it } from 'vitest';
import { createCustomResources } from '../../aws-local/custom-resources.ts';
import type { LocalFunction } from '../../aws-local/lambda/function-pool.ts';
import { localValues } from '../../aws-local/local-values.ts';
import { resolveTemplate } from '../../aws-local/template.ts';
import { fakeFunction } from './support.ts';

const token = 'arn:aws:lambda:us-east-1:000000000000:function:Maker';
const template = resolveTemplate(
  {
    Resources: {
      Maker: { Type: 'AWS::Lambda::Function' },
      Fill: {
        Type: 'Custom::A2AGatewayIndexFill',
        Properties: { ServiceToken: { 'Fn::GetAtt': ['Maker', 'Arn'] }, modelId: 'm' },
      },
    },
  },
  localValues,
);

/** A function that answers CloudFormation's address. */
function maker(Status: string, Reason = ''): LocalFunction & { events: unknown[] } {
  const called = fakeFunction(() => null);
  return {
    ...called,
    async invoke(event) {
      const body = JSON.stringify({ Status, Reason });
      await fetch((event as { ResponseURL: string }).ResponseURL, { method: 'PUT', body });
      return called.invoke(event);
    },
  };
}

it('a custom resource is made by its function, which is told what CloudFormation tells', async () => {
  const called = maker('SUCCESS');
  await createCustomResources(template, new Map([[token, called]]));
  expect(called.events).toEqual([
    expect.objectContaining({
      RequestType: 'Create',
      LogicalResourceId: 'Fill',
      ResourceType: 'Custom::A2AGatewayIndexFill',
      StackId: localValues.pseudo['AWS::StackId'],
      ResponseURL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      ResourceProperties: { ServiceToken: token, modelId: 'm' },
    }),
  ]);
});

it('one that fails ends the start, and says why', async () => {
  const made = createCustomResources(template, new Map([[token, maker('FAILED', 'no model')]]));
  await expect(made).rejects.toThrow('Fill is not made: no model');
});

it('one whose function is not there is not left out', async () => {
  await expect(createCustomResources(template, new Map())).rejects.toThrow(`no function ${token}`);
});
