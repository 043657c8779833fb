/** An answer as far as it must be the same whoever carried it: status, type and content, without chance and time. */
export interface Comparable {
  status: number;
  /** Media type without parameters; null where there is no body. */
  type: string | null;
  /** Of a stream: every event's data. */
  content: unknown;
}

export async function comparable(response: Response): Promise<Comparable> {
  const text = await response.text();
  const type = response.headers.get('content-type')?.split(';')[0] ?? null;
  const content = type === 'text/event-stream' ? eventsOf(text) : text === '' ? '' : JSON.parse(text);
  return { status: response.status, type, content: withoutChance(content) };
}

function eventsOf(text: string): unknown[] {
  return [...text.matchAll(/^data: ?(.*)$/gm)].map(([, data = '']) => JSON.parse(data));
}

/** Ids made by chance by their order, times by their kind. */
function withoutChance(content: unknown): unknown {
  const ids = new Map<string, string>();
  const text = JSON.stringify(content)
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      ids.set(id, ids.get(id) ?? `id-${ids.size}`);
      return ids.get(id) ?? '';
    })
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'time');
  return JSON.parse(text);
}
