import { basename } from 'node:path';
import type { CloudAssembly } from './cloud-assembly.ts';
import type { FunctionDefinition } from './lambda/function.ts';
import { functionArn, layerArn } from './local-values.ts';
import { membersOf } from './members.ts';
import { type LocalResource, type ResolvedTemplate, TemplateError } from './template.ts';

/** The functions of a stack, named after the folder of their bundle. @throws TemplateError */
export function readFunctions(template: ResolvedTemplate, assembly: CloudAssembly): FunctionDefinition[] {
  const layers = readLayers(template, assembly);
  return template.resources
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .map((resource) => readFunction(resource, assembly, layers));
}

/** Folders of layers by what refers to them. */
function readLayers(template: ResolvedTemplate, assembly: CloudAssembly): ReadonlyMap<unknown, string> {
  const layers = template.resources.filter(({ type }) => type === 'AWS::Lambda::LayerVersion');
  return new Map(
    layers.map(({ logicalId, properties }) => {
      const content = membersOf(properties(), logicalId).object('Content');
      return [layerArn(logicalId), assembly.assetFolder(content.text('S3Key'))];
    }),
  );
}

function readFunction(
  { logicalId, properties }: LocalResource,
  assembly: CloudAssembly,
  layers: ReadonlyMap<unknown, string>,
): FunctionDefinition {
  const members = membersOf(properties(), logicalId);
  const runtime = members.text('Runtime');
  if (!runtime.startsWith('nodejs'))
    throw new TemplateError(`${logicalId}: runtime ${runtime} is not emulated`);
  const codeFolder = assembly.assetFolder(members.object('Code').text('S3Key'));
  const reserved = members.number('ReservedConcurrentExecutions', -1);
  return {
    name: basename(codeFolder),
    arn: functionArn(logicalId),
    handler: members.text('Handler'),
    codeFolder,
    layerFolders: members.list('Layers').map((layer) => {
      const folder = layers.get(layer);
      if (folder === undefined) throw new TemplateError(`${logicalId}: a layer that is not of the stack`);
      return folder;
    }),
    timeoutSeconds: members.number('Timeout', 3),
    memoryMb: members.number('MemorySize', 128),
    environment: members.object('Environment').texts('Variables'),
    ...(reserved >= 0 && { reservedConcurrency: reserved }),
  };
}
