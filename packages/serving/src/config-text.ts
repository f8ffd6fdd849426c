/** A model configuration in protobuf's text form, as `config.pbtxt` holds it. */
import type { ModelConfig } from './specification.ts';

/** Fields of a map type; everything else that is an object is a message. */
const MAPS = new Set(['input_map', 'output_map', 'parameters']);
const ENUMS = new Set(['data_type', 'kind']);

export function configText(config: ModelConfig): string {
  return `${fields(config, '').join('\n')}\n`;
}

function fields(message: object, indent: string): string[] {
  return Object.entries(message).flatMap(([key, value]) => field(key, value, indent));
}

function field(key: string, value: unknown, indent: string): string[] {
  if (value === undefined || value === '') return [];
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item === 'number') && value.length > 0) return [`${indent}${key}: [${value.join(', ')}]`];
    return value.flatMap((item) => field(key, item, indent));
  }
  if (typeof value !== 'object' || value === null) return [`${indent}${key}: ${ENUMS.has(key) ? value : JSON.stringify(value)}`];
  if (MAPS.has(key)) return Object.entries(value).flatMap(([entry, held]) => braced(key, { key: entry, value: held }, indent));
  return braced(key, value, indent);
}

function braced(key: string, message: object, indent: string): string[] {
  const inner = fields(message, `${indent}  `);
  return inner.length === 0 ? [`${indent}${key} {}`] : [`${indent}${key} {`, ...inner, `${indent}}`];
}
