import type { InspectInvitationResponse, SignInResponse } from '@automatos/sdk';

export type MfaChallenge = Extract<SignInResponse, { mfa_required: true }>;
export type InvitationView = InspectInvitationResponse;
