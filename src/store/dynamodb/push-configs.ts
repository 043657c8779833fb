import { randomUUID } from 'node:crypto';
import { fromKeyText, keyText } from '../key-text.ts';
import { checkPageSize } from '../page.ts';
import type { Page, PageRequest } from '../port.ts';
import type { Holder } from '../ports/ownership.ts';
import type { KeptPushConfig, PushConfigStore } from '../ports/push.ts';
import { type Item, type Key, numberOf, textOf, toKeyItem, toTtl, ttlMsOf } from './item.ts';
import { taskEntryKey, taskPartition, webhookPartition } from './push-keys.ts';
import { laneDeletion, newLaneWrites, readLane } from './push-lane.ts';
import { getItem, getItems, queryAll } from './read.ts';
import type { Table } from './table.ts';
import { transact, untilWon, type Write } from './transact.ts';

/**
 * Webhooks as an item each with a lane beside it, and an entry in the partition of their task, which has a head that every
 * write of an entry writes anew: so those of a task are counted and written over one after the other. Does not check that
 * ids of its own making are unguessable, nor what is sealed.
 */
export class DynamoPushConfigs implements PushConfigStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async put(config: KeptPushConfig, maxOfTask: number): Promise<boolean> {
    const { pushId, holder, taskId, configId, createdAtMs, expiresAtMs } = config;
    const own = [{ put: toItem(config) }, ...newLaneWrites(pushId, expiresAtMs)];
    if (taskId === undefined) return transact(this.#table, own);
    return untilWon(this.#table, async () => {
      const task = await this.#task(holder, taskId);
      const others = task.entries.filter(
        (entry) => entry.configId !== configId && entry.expiresAtMs > createdAtMs,
      );
      if (others.length >= maxOfTask) return { answer: false };
      const writes = [...own, ...(await this.#entryWrites(task, config))];
      return (await transact(this.#table, writes)) ? { answer: true } : undefined;
    });
  }

  async get(pushId: string, nowMs: number): Promise<KeptPushConfig | undefined> {
    const config = await this.#config(pushId);
    return config !== undefined && config.expiresAtMs > nowMs ? config : undefined;
  }

  async bind(pushId: string, taskId: string): Promise<boolean> {
    return untilWon(this.#table, async () => {
      const unbound = await this.#config(pushId);
      if (unbound === undefined) return { answer: false };
      if (unbound.taskId !== undefined) return { answer: unbound.taskId === taskId };
      const config = { ...unbound, taskId };
      const task = await this.#task(config.holder, taskId);
      const writes = [
        { put: toItem(config), only: asRead(unbound) },
        ...(await this.#entryWrites(task, config)),
      ];
      return (await transact(this.#table, writes)) ? { answer: true } : undefined;
    });
  }

  async find(
    holder: Holder,
    taskId: string,
    configId: string,
    nowMs: number,
  ): Promise<KeptPushConfig | undefined> {
    const entry = await getItem(this.#table, taskEntryKey(taskPartition(holder, taskId), configId));
    return entry && this.get(textOf(entry, 'pushId'), nowMs);
  }

  async ofTask(
    holder: Holder,
    taskId: string,
    { size, after }: PageRequest,
    nowMs: number,
  ): Promise<Page<KeptPushConfig>> {
    checkPageSize(size);
    const { entries } = await this.#task(holder, taskId);
    const those = entries.filter(({ expiresAtMs }) => expiresAtMs > nowMs).toSorted(byConfigId);
    const ahead =
      after === undefined ? those : those.filter((entry) => compareIds(entry.configId, after) > 0);
    const chosen = ahead.slice(0, size);
    const next = ahead.length > size ? chosen.at(-1)?.configId : undefined;
    const keys = chosen.map(({ pushId }) => configKey(pushId)).filter((key) => key !== undefined);
    return {
      // One that was deleted since its entry was read is left out.
      items: (await getItems(this.#table, keys)).map(fromItem).toSorted(byConfigId),
      ...(next !== undefined && { next }),
      totalSize: those.length,
    };
  }

  async delete(pushId: string): Promise<void> {
    await untilWon(this.#table, async () => {
      const config = await this.#config(pushId);
      if (config === undefined) return { answer: undefined };
      const { holder, taskId, configId } = config;
      const entry = taskId === undefined ? [] : [taskEntryKey(taskPartition(holder, taskId), configId)];
      const writes = [
        ...(await this.#deletionOf(pushId, asRead(config))),
        ...entry.map((key) => ({ delete: key })),
      ];
      return (await transact(this.#table, writes)) ? { answer: undefined } : undefined;
    });
  }

  /** DynamoDB deletes what has expired, within days. */
  async sweep(): Promise<void> {}

  async #config(pushId: string): Promise<KeptPushConfig | undefined> {
    const key = configKey(pushId);
    const item = key && (await getItem(this.#table, key));
    return item && fromItem(item);
  }

  async #task(holder: Holder, taskId: string): Promise<Task> {
    const pk = taskPartition(holder, taskId);
    const items = await queryAll(this.#table, { pk });
    const head = items.find((item) => textOf(item, 'sk') === headSortKey);
    return {
      pk,
      entries: items.filter((item) => item !== head).map(fromEntry),
      ...(head !== undefined && { writeId: textOf(head, 'writeId'), expiresAtMs: ttlMsOf(head) }),
    };
  }

  /** Puts the webhook among those of its task as they were read, and deletes the one in whose place it comes. */
  async #entryWrites(task: Task, { pushId, configId, expiresAtMs }: KeptPushConfig): Promise<Write[]> {
    const { pk, writeId, entries } = task;
    const replaced = entries.find((entry) => entry.configId === configId);
    const head: Item = {
      ...toKeyItem({ pk, sk: headSortKey }),
      writeId: { S: randomUUID() },
      ...toTtl(Math.max(expiresAtMs, task.expiresAtMs ?? 0)),
    };
    const entry: Item = {
      ...toKeyItem(taskEntryKey(pk, configId)),
      pushId: { S: pushId },
      configId: { S: keyText(configId) },
      ...toTtl(expiresAtMs),
    };
    return [
      { put: head, only: writeId === undefined ? 'absent' : { writeId: { S: writeId } } },
      { put: entry },
      ...(replaced === undefined ? [] : await this.#deletionOf(replaced.pushId)),
    ];
  }

  async #deletionOf(pushId: string, only?: Item): Promise<Write[]> {
    const key = configKey(pushId);
    const lane = await readLane(this.#table, pushId);
    return [
      ...(key === undefined ? [] : [{ delete: key, ...(only !== undefined && { only }) }]),
      ...(lane === undefined ? [] : laneDeletion(lane)),
    ];
  }
}

/** The webhooks a holder has set for a task. */
interface Task {
  pk: string;
  /** Of its head; absent where there is none. */
  writeId?: string;
  expiresAtMs?: number;
  entries: TaskEntry[];
}

interface TaskEntry {
  pushId: string;
  configId: string;
  expiresAtMs: number;
}

const headSortKey = 'head';

function fromEntry(item: Item): TaskEntry {
  return {
    pushId: textOf(item, 'pushId'),
    configId: fromKeyText(textOf(item, 'configId')),
    expiresAtMs: ttlMsOf(item),
  };
}

function byConfigId(one: { configId: string }, other: { configId: string }): number {
  return compareIds(one.configId, other.configId);
}

/** As UTF-8. */
function compareIds(one: string, other: string): number {
  return Buffer.compare(Buffer.from(keyText(one)), Buffer.from(keyText(other)));
}

/** Undefined for a text that can be no key, so no webhook's id. */
function configKey(pushId: string): Key | undefined {
  const pk = webhookPartition(pushId);
  return pk === undefined ? undefined : { pk, sk: 'config' };
}

/** That it is there, and bound to what it was bound to. */
function asRead({ taskId }: KeptPushConfig): Item {
  return { taskId: { S: taskText(taskId) } };
}

/** With a mark in front, so that the id of a task is never taken for there being none. */
function taskText(taskId: string | undefined): string {
  return taskId === undefined ? '' : `=${keyText(taskId)}`;
}

function toItem(config: KeptPushConfig): Item {
  const key = configKey(config.pushId);
  if (key === undefined) throw new TypeError('a webhook id of this length cannot be stored');
  return {
    ...toKeyItem(key),
    pushId: { S: config.pushId },
    agentId: { S: config.agentId },
    agentKey: { S: config.holder.agentKey },
    ownerKey: { S: config.holder.ownerKey },
    ...asRead(config),
    configId: { S: keyText(config.configId) },
    version: { S: config.version },
    secretHash: { S: config.secretHash },
    sealed: { S: config.sealed },
    createdAtMs: { N: `${config.createdAtMs}` },
    ...toTtl(config.expiresAtMs),
  };
}

function fromItem(item: Item): KeptPushConfig {
  const task = textOf(item, 'taskId');
  return {
    pushId: textOf(item, 'pushId'),
    agentId: textOf(item, 'agentId'),
    holder: { agentKey: textOf(item, 'agentKey'), ownerKey: textOf(item, 'ownerKey') },
    ...(task !== '' && { taskId: fromKeyText(task.slice(1)) }),
    configId: fromKeyText(textOf(item, 'configId')),
    // The only writer of this attribute is `toItem`.
    version: textOf(item, 'version') as KeptPushConfig['version'],
    secretHash: textOf(item, 'secretHash'),
    sealed: textOf(item, 'sealed'),
    createdAtMs: numberOf(item, 'createdAtMs'),
    expiresAtMs: ttlMsOf(item),
  };
}
