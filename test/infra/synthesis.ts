import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { functionNames } from '../../infra/function-names.ts';
import { A2AGateway, type A2AGatewayProps } from '../../infra/index.ts';

/** A template as CloudFormation gets it. */
export interface Template {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, { Value: unknown }>;
}

export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is read here as deep as a test looks, and a wrong path fails it.
  Properties: Record<string, any>;
  DeletionPolicy?: string;
  DependsOn?: string[];
}

export interface Synthesis {
  gateway: A2AGateway;
  template: Template;
  templateFile: string;
  /** The resources of a type, by logical id. */
  all(type: string): Record<string, Resource>;
  /** The properties of the only resource of a type, or the only one whose logical id has a text in it. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  only(type: string, part?: string): Record<string, any>;
  /** Rules that are broken and not acknowledged, where they were looked at. */
  findings: string[];
}

const folder = mkdtempSync(join(tmpdir(), 'a2a-gateway-infra-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Stands for `npm run bundle`. */
export const bundlesPath = join(folder, 'bundles');
for (const name of functionNames) {
  mkdirSync(join(bundlesPath, name), { recursive: true });
  writeFileSync(join(bundlesPath, name, 'index.mjs'), `export const handler = () => '${name}';\n`);
}

const cedar = join(bundlesPath, 'cedar-layer/nodejs/node_modules/@cedar-policy/cedar-wasm/nodejs');
mkdirSync(cedar, { recursive: true });
writeFileSync(join(cedar, 'cedar_wasm.js'), '');

let count = 0;

/** Where a cloud assembly may be put. */
export function newOutdir(): string {
  return join(folder, String(count++));
}

/**
 * Synthesises a stack of one gateway.
 *
 * @param given properties, or what makes them of the stack
 * @param isChecked by cdk-nag and the CDK's own rules, which take seconds to load
 */
export function synthesise(
  given: A2AGatewayProps | ((stack: Stack) => A2AGatewayProps) = {},
  isChecked = false,
): Synthesis {
  const outdir = newOutdir();
  const context = {
    'aws:cdk:disable-stack-trace': true,
    '@aws-cdk/core:validateAgainstDefaultRules': isChecked,
    '@aws-cdk/core:failSynthOnValidationErrors': false,
  };
  process.env.CDK_VALIDATION = String(isChecked);
  const app = new App({ outdir, analyticsReporting: false, treeMetadata: false, context });
  if (isChecked) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Stack(app, 'Test');
  const props = typeof given === 'function' ? given(stack) : given;
  const gateway = new A2AGateway(stack, 'Gateway', { bundlesPath, ...props });
  app.synth();
  const templateFile = join(outdir, 'Test.template.json');
  const template = JSON.parse(readFileSync(templateFile, 'utf8')) as Template;
  const all = (type: string) =>
    Object.fromEntries(Object.entries(template.Resources).filter(([, resource]) => resource.Type === type));
  return {
    gateway,
    template,
    templateFile,
    all,
    only: (type, part = '') => onlyOf(all(type), type, part),
    findings: isChecked ? findingsIn(outdir) : [],
  };
}

interface Report {
  pluginReports: { violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[] }[];
}

function findingsIn(outdir: string): string[] {
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as Report;
  const found = report.pluginReports.flatMap(({ violations }) => violations);
  return found.flatMap(({ ruleName, violatingConstructs }) =>
    violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
  );
}

function onlyOf(resources: Record<string, Resource>, type: string, part: string): Resource['Properties'] {
  const found = Object.entries(resources).filter(([id]) => id.includes(part));
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} of ${type} ${part}`);
  return first[1].Properties;
}

/** A value of a template as text, what is known only when it is deployed as `<name>`. */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['', '']] = Object.entries(value);
  if (name === 'Fn::Join') return (argument as [string, unknown[]])[1].map(textOf).join('');
  if (name === 'Ref') return `<${argument}>`;
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  return JSON.stringify(value);
}

/** Settings as a function gets them, with names for what is known only when it is deployed. */
export function environmentOf({ only }: Pick<Synthesis, 'only'>, id: string): Record<string, string> {
  const { Variables } = only('AWS::Lambda::Function', `Gateway${id}`).Environment;
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, textOf(value)]));
}
