import type { CheckedFields } from './check-fields.ts';
import { invalidFields } from './check-fields.ts';
import type { CredentialType } from './credential-types.ts';

/** Model vendor of a credential; null for other services. */
export function vendorOf(type: CredentialType, content: CheckedFields): string | null {
  if (type.vendor === undefined) return null;
  if ('id' in type.vendor) return type.vendor.id;
  const named = content.open[type.vendor.field];
  return typeof named === 'string' ? named : null;
}

/** Throws `credentials.fields.invalid` for a vendor that is not known here, or has a type of its own. */
export function checkVendor(
  type: CredentialType,
  content: CheckedFields,
  vendors: readonly string[],
): void {
  if (type.vendor === undefined || 'id' in type.vendor) return;
  const name = type.vendor.field;
  const vendor = vendorOf(type, content) ?? '';
  if (!vendors.includes(vendor))
    throw invalidFields(type, [
      { pointer: `/fields/${name}`, message: `must be one of ${vendors.join(', ')}` },
    ]);
  if (vendor === 'alephalpha' && content.open['base_url'] === undefined)
    throw invalidFields(type, [
      { pointer: '/fields/base_url', message: 'is required: that of your own installation' },
    ]);
}
