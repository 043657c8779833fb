import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { packageVersion } from '../runtimes/node/package-version.ts';
import {
  type AuditExportOptions,
  type AuditVerifyOptions,
  auditExport,
  auditVerify,
} from './commands/audit.ts';
import { dev } from './commands/dev.ts';
import { type ImportAwsSampleOptions, importAwsSample } from './commands/import-aws-sample.ts';
import { type SearchOptions, searchRebuild, searchStatus } from './commands/search.ts';
import { serve } from './commands/serve.ts';
import type { Io } from './io.ts';

/** Runs a command line; answers the exit code: 0 done, 1 failed or, verifying, something found, 2 misused or, importing, not all of it moved. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const program = new Command('a2a-gateway')
    .description('One secure entry point to all your A2A agents')
    .version(packageVersion)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    });
  program
    .command('dev')
    .description('newcomer mode: gateway, token issuer and example agents on this machine')
    .action(() => dev(io));
  program
    .command('serve')
    .description('the gateway as configured by a file and A2A_GATEWAY_… variables')
    .option('-c, --config <file>', 'settings in YAML')
    .action((options: { config?: string }) => serve(options, io));
  program
    .command('import')
    .description('what another gateway keeps, into a running one of ours')
    .command('aws-sample')
    .description('agents and permissions of aws-samples/sample-a2a-gateway; docs/aws-sample.md')
    .requiredOption('--agents-table <name>', 'its DynamoDB table of agents')
    .requiredOption('--permissions-table <name>', 'its DynamoDB table of permissions')
    .requiredOption('--to <url>', 'where our gateway is')
    .option('--token-file <file>', 'holds a token with the scope gateway:admin; else A2A_TOKEN does')
    .option('--operations <list>', 'what every scope may do: some of send,stream,read,cancel,push')
    .option('--dry-run', 'write nothing, and tell what would be done')
    .option('--json', 'a JSON object a line')
    .action(async (options: ImportAwsSampleOptions) => {
      exitCode = await importAwsSample(options, io);
    });
  const search = program.command('search').description('the index by which agents are found');
  search
    .command('status')
    .description('what it holds, and whether it is in step with the registry')
    .option('-c, --config <file>', 'settings in YAML')
    .option('--json', 'a JSON object')
    .action((options: SearchOptions) => searchStatus(options, io));
  search
    .command('rebuild')
    .description('make it anew, also while a gateway runs')
    .option('-c, --config <file>', 'settings in YAML')
    .option('--json', 'a JSON object a line')
    .action((options: SearchOptions) => searchRebuild(options, io));
  const audit = program.command('audit').description('the trail of what was asked, decided and changed');
  audit
    .command('verify')
    .description('find whatever was changed, removed or put in; also while a gateway runs')
    .option('-c, --config <file>', 'settings in YAML')
    .option(
      '--heads <file>',
      'what an earlier run with --json wrote: finds ends and chains that are gone since',
    )
    .option('--file <file>', 'what `audit export` wrote, in the place of the store')
    .option('--json', 'a JSON object a line, with the heads of all chains')
    .action(async (options: AuditVerifyOptions) => {
      exitCode = await auditVerify(options, io);
    });
  audit
    .command('export')
    .description('its records as JSON Lines, the oldest first')
    .option('-c, --config <file>', 'settings in YAML')
    .option('--from <time>', 'written then or later, as in RFC 3339')
    .option('--to <time>', 'written before')
    .action((options: AuditExportOptions) => auditExport(options, io));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    for (const line of linesOf(error)) io.err(`a2a-gateway: ${line}`);
    return 1;
  }
}

function linesOf(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.problems.flatMap((problem) => problem.split('\n'));
  return [error instanceof Error ? error.message : String(error)];
}
