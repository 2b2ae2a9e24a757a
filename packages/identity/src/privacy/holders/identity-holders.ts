import type { PersonalDataHolder } from '@automatos/database';
import { createAccountPersonalData, createIdentityPersonalData } from './account-personal-data.ts';
import { createPrivacyPersonalData } from './privacy-personal-data.ts';

/** What this room keeps about people, in the parts that an erasure goes through one after the other. */
export function identityPersonalData(): {
  room: PersonalDataHolder;
  account: PersonalDataHolder;
  privacy: PersonalDataHolder;
} {
  return {
    room: createIdentityPersonalData(),
    account: createAccountPersonalData(),
    privacy: createPrivacyPersonalData(),
  };
}
