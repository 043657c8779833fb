import { describe, expect, it } from 'vitest';
import { kindOf, localValues } from '../../aws-local/local-values.ts';
import { resolveTemplate, type Template } from '../../aws-local/template.ts';

/** A variable as Fn::Sub has it. */
const variable = (name: string) => ['$', '{', name, '}'].join('');

const template: Template = {
  Parameters: { Mode: { Type: 'String', Default: 'prod' } },
  Conditions: {
    IsProd: { 'Fn::Equals': [{ Ref: 'Mode' }, 'prod'] },
    IsTest: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    IsBoth: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] },
    IsEither: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] },
  },
  Mappings: { Sizes: { large: { memory: 512 } } },
  Resources: {
    Table: { Type: 'AWS::DynamoDB::Table', Properties: { Name: { Ref: 'Table' } } },
    Function: { Type: 'AWS::Lambda::Function' },
    Extra: { Type: 'AWS::IAM::Role', Condition: 'IsTest' },
    Odd: { Type: 'AWS::IAM::Role', Properties: { Never: { 'Fn::Cidr': [] } } },
  },
  Outputs: {
    Url: { Value: { 'Fn::Sub': `https://${variable('AWS::Region')}/${variable('Function.Arn')}` } },
  },
};
const { resolve, resources, outputs } = resolveTemplate(template, localValues);

describe('a template value', () => {
  it.each<[unknown, unknown]>([
    [{ Ref: 'Table' }, 'Table'],
    [{ 'Fn::GetAtt': ['Function', 'Arn'] }, 'arn:aws:lambda:us-east-1:000000000000:function:Function'],
    [{ 'Fn::GetAtt': 'Function.Arn' }, 'arn:aws:lambda:us-east-1:000000000000:function:Function'],
    [{ 'Fn::Join': ['/', ['a', { Ref: 'AWS::Partition' }]] }, 'a/aws'],
    [
      {
        'Fn::Sub': [
          `${variable('x')}-${variable('AWS::AccountId')}-${variable('!Literal')}`,
          { x: { Ref: 'Table' } },
        ],
      },
      `Table-000000000000-${variable('Literal')}`,
    ],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [{ 'Fn::If': ['IsProd', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['IsTest', 'yes', 'no'] }, 'no'],
    [{ 'Fn::If': ['IsBoth', 'yes', 'no'] }, 'no'],
    [{ 'Fn::If': ['IsEither', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::FindInMap': ['Sizes', 'large', 'memory'] }, 512],
    [{ a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1] }, { b: [1] }],
    [
      { Effect: 'Allow', Condition: { StringEquals: { a: 'b' } } },
      { Effect: 'Allow', Condition: { StringEquals: { a: 'b' } } },
    ],
  ])('%j resolves to %j', (value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  it.each([
    [{ 'Fn::Cidr': [] }, 'Fn::Cidr'],
    [{ Ref: 'Nobody' }, 'Ref Nobody'],
    [{ Ref: 'AWS::Nothing' }, 'AWS::Nothing'],
    [{ 'Fn::GetAtt': ['Function', 'SnapStartResponse'] }, 'Function.SnapStartResponse'],
    [{ 'Fn::FindInMap': ['Sizes', 'small', 'memory'] }, 'Sizes.small.memory'],
    [{ 'Fn::Select': [3, ['a']] }, 'no element 3'],
  ])('%j is an error that names what is not understood', (value, name) => {
    expect(() => resolve(value)).toThrow(name);
  });

  it('is not looked at before it is needed, and resources without their condition are not there', () => {
    expect(resources.map(({ logicalId }) => logicalId)).toEqual(['Table', 'Function', 'Odd']);
    expect(() => resources[2]?.properties()).toThrow('Fn::Cidr');
  });

  it('is what an output says', () => {
    expect(outputs()).toEqual({
      Url: 'https://us-east-1/arn:aws:lambda:us-east-1:000000000000:function:Function',
    });
  });
});

it('a kind of resource is emulated, left out for a reason, or unknown', () => {
  expect(kindOf('AWS::Lambda::Function')?.isEmulated).toBe(true);
  expect(kindOf('AWS::WAFv2::WebACL')).toEqual({ here: 'no web application firewall', isEmulated: false });
  expect(kindOf('AWS::StepFunctions::StateMachine')).toBeUndefined();
});
