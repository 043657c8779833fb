/**
 * A model in ONNX small enough to be written by hand, as protobuf: `last_hidden_state[b, s] = table[input_ids[b, s]]`. It
 * also takes an `attention_mask`, as real ones do, and reads nothing of it.
 */
export function gatherModel(table: readonly (readonly number[])[]): Uint8Array {
  const dimensions = table[0]?.length ?? 0;
  const weights = message(
    ...[varint(1, table.length), varint(1, dimensions), varint(2, tensorType.float), text(8, 'table')],
    bytes(9, Buffer.from(Float32Array.from(table.flat()).buffer)),
  );
  const node = message(
    ...[text(1, 'table'), text(1, 'input_ids'), text(2, 'last_hidden_state'), text(4, 'Gather')],
  );
  const graph = message(
    ...[bytes(1, node), text(2, 'words'), bytes(5, weights)],
    bytes(11, valueInfo('input_ids', tensorType.int64, ['batch', 'tokens'])),
    bytes(11, valueInfo('attention_mask', tensorType.int64, ['batch', 'tokens'])),
    bytes(12, valueInfo('last_hidden_state', tensorType.float, ['batch', 'tokens', dimensions])),
  );
  return message(varint(1, 8), bytes(7, graph), bytes(8, message(text(1, ''), varint(2, 13))));
}

/** A tokenizer of whole words in lower case; what it does not know has no token, and token 0 fills up. */
export function wordTokenizer(words: readonly string[]): object {
  const vocabulary = ['[PAD]', '[UNK]', ...words];
  const special = (id: number) => ({
    ...{ id, content: vocabulary[id], special: true },
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [special(0), special(1)],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(vocabulary.map((word, id) => [word, id])),
      unk_token: '[UNK]',
    },
  };
}

const tensorType = { float: 1, int64: 7 } as const;

function valueInfo(name: string, type: number, dims: readonly (string | number)[]): Uint8Array {
  const shape = message(
    ...dims.map((dim) => bytes(1, typeof dim === 'number' ? message(varint(1, dim)) : message(text(2, dim)))),
  );
  const tensor = message(varint(1, type), bytes(2, shape));
  return message(text(1, name), bytes(2, message(bytes(1, tensor))));
}

/** Fields of a protobuf message, one behind the other. */
function message(...fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

function varint(field: number, value: number): Uint8Array {
  return Buffer.from([...digits(field << 3), ...digits(value)]);
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([...digits((field << 3) | 2), ...digits(value.length)]), value]);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, Buffer.from(value));
}

/** Base 128, lowest first; all but the last have the high bit. */
function digits(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...digits(Math.floor(value / 128))];
}
