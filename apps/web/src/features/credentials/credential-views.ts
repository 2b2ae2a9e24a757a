import type { ListCredentialsResponse, ListCredentialTypesResponse } from '@automatos/sdk';

export type Credential = ListCredentialsResponse['items'][number];
export type CredentialType = ListCredentialTypesResponse['items'][number];
export type CredentialField = CredentialType['fields'][number];
export type CredentialScope = Credential['scope'];
export type CredentialTest = NonNullable<Credential['last_test']>;

export type Category = CredentialType['category'];

/** Groups of types, in the order in which people are shown them. */
export const CATEGORIES: readonly (readonly [Category, string])[] = [
  ['model', 'Models'],
  ['code', 'Code'],
  ['chat', 'Chat'],
  ['work', 'Work'],
  ['data', 'Data'],
  ['mail', 'Mail'],
  ['other', 'Other'],
];

/** `••••abcd`, or dots alone where the end is not told either. */
export function masked(secret: Credential['secrets'][string]): string {
  return `••••${secret.last_four ?? ''}`;
}
