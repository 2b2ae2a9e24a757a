/** Kinds of entities, those of a fixed form first. */
export const ENTITY_TYPES = [
  'email',
  'url',
  'domain',
  'ip',
  'hash',
  'cve',
  'money',
  'date',
  'version',
  'person',
  'organisation',
  'place',
  'product',
] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

export interface FoundEntity {
  type: EntityType;
  /** One form for all spellings, e.g. an address without its defanging brackets. */
  value: string;
}
