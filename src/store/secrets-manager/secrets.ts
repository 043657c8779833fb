import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  type CreateSecretCommandInput,
  DeleteSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GatewayError } from '../../failure.ts';
import type { Secrets } from '../../ports.ts';
import { fromAwsName, toAwsName } from './secret-name.ts';

const maxValueBytes = 65_536;
const secretsPerPage = 100;

export interface SecretsManagerOptions {
  client: SecretsManagerClient;
  /** What every name begins with at AWS; tells environments of one account apart, such as `a2a-gateway/prod/`. */
  prefix: string;
  /** The key that seals new secrets. Default the account's `aws/secretsmanager`. */
  kmsKeyId?: string;
}

/**
 * Secrets in AWS Secrets Manager, one secret a name. Secrets Manager is eventually consistent: `list` may be five
 * minutes behind. Putting a name again replaces its value and keeps its time; times are whole seconds.
 *
 * Needs CreateSecret, PutSecretValue, GetSecretValue and DeleteSecret on the prefix, and ListSecrets, which AWS
 * grants only for the whole account. `put` needs no GetSecretValue, so that a role may write what it cannot read.
 *
 * @throws TypeError at once for a prefix AWS does not take; from every call for a name AWS cannot hold; from `put`
 *   for a value of no or more than 65 536 bytes
 * @throws GatewayError `store_unavailable`
 */
export function createSecretsManagerSecrets(options: SecretsManagerOptions): Secrets {
  if (!/^[A-Za-z0-9/_+=.@-]*$/.test(options.prefix)) {
    throw new TypeError('a prefix of secret names holds letters, digits and /_+=.@- only');
  }
  return new SecretsManagerSecrets(options);
}

class SecretsManagerSecrets implements Secrets {
  readonly #client: SecretsManagerClient;
  readonly #prefix: string;
  readonly #kmsKeyId: string | undefined;

  constructor({ client, prefix, kmsKeyId }: SecretsManagerOptions) {
    this.#client = client;
    this.#prefix = prefix;
    this.#kmsKeyId = kmsKeyId;
  }

  async put(name: string, value: string): Promise<void> {
    const secret = this.#toSecret(name, value);
    if (await this.#createSecret(secret)) return;
    const { Name: SecretId, SecretString, ClientRequestToken } = secret;
    const again = new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken });
    await guarded('PutSecretValue', () => this.#client.send(again));
  }

  async create(name: string, value: string): Promise<boolean> {
    return this.#createSecret(this.#toSecret(name, value));
  }

  #toSecret(name: string, value: string): CreateSecretCommandInput {
    const bytes = Buffer.byteLength(value);
    // Checked here, so that no refusal of AWS can quote the value.
    if (bytes === 0 || bytes > maxValueBytes) {
      throw new TypeError(`a secret has 1 to ${maxValueBytes} bytes, not ${bytes}`);
    }
    return {
      Name: toAwsName(this.#prefix, name),
      KmsKeyId: this.#kmsKeyId,
      SecretString: value,
      // Random, not a hash of the value, because CloudTrail logs it. The same for every try, so that one whose answer
      // was lost can be sent again.
      ClientRequestToken: randomUUID(),
    };
  }

  async #createSecret(secret: CreateSecretCommandInput): Promise<boolean> {
    try {
      await this.#client.send(new CreateSecretCommand(secret));
      return true;
    } catch (error) {
      if (error instanceof ResourceExistsException) return false;
      throw toUnavailable('CreateSecret', error);
    }
  }

  async get(name: string): Promise<string | undefined> {
    const command = new GetSecretValueCommand({ SecretId: toAwsName(this.#prefix, name) });
    return guarded('GetSecretValue', async () => {
      const answer = await unlessAbsent(this.#client.send(command));
      return answer?.SecretString;
    });
  }

  /**
   * At once, without AWS's days of recovery: an agent's credential goes with the agent, and no name comes back for
   * which an old value could be wanted.
   */
  async delete(name: string): Promise<void> {
    const command = new DeleteSecretCommand({
      SecretId: toAwsName(this.#prefix, name),
      ForceDeleteWithoutRecovery: true,
    });
    await guarded('DeleteSecret', () => unlessAbsent(this.#client.send(command)));
  }

  /** In the order AWS gives them. */
  async list(prefix: string): Promise<readonly { name: string; createdAtMs: number }[]> {
    const awsPrefix = toAwsName(this.#prefix, prefix);
    const filter = awsPrefix === '' ? {} : { Filters: [{ Key: 'name' as const, Values: [awsPrefix] }] };
    const found: { name: string; createdAtMs: number }[] = [];
    for (let NextToken: string | undefined; ; ) {
      const command = new ListSecretsCommand({ ...filter, MaxResults: secretsPerPage, NextToken });
      const page = await guarded('ListSecrets', () => this.#client.send(command));
      for (const { Name = '', CreatedDate } of page.SecretList ?? []) {
        const name = fromAwsName(this.#prefix, Name);
        // Filtered again: what the filter takes for a beginning is AWS's to change.
        if (name?.startsWith(prefix) !== true || CreatedDate === undefined) continue;
        found.push({ name, createdAtMs: CreatedDate.getTime() });
      }
      if (page.NextToken === undefined) return found;
      NextToken = page.NextToken;
    }
  }
}

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function guarded<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toUnavailable(operation, error);
  }
}

/** The cause is the SDK's; its text is AWS's own, on names and rules, since values are checked before they are sent. */
function toUnavailable(operation: string, cause: unknown): GatewayError {
  const error = new GatewayError({ code: 'store_unavailable' }, { cause });
  error.message = `Secrets Manager: ${operation} failed (${cause instanceof Error ? cause.name : 'unknown'})`;
  return error;
}
