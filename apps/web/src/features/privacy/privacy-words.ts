import type {
  ListConsentPurposesResponse,
  ListDataRequestsResponse,
  ListOwnConsentsResponse,
  ListProcessingRecordsResponse,
  ListRetentionResponse,
} from '@automatos/sdk';
import type { Tone } from '../../components/ui/badge.tsx';

/** How data protection is called on pages, and the shapes that its lists hold. */

export type DataRequest = ListDataRequestsResponse['items'][number];
export type ProcessingRecord = ListProcessingRecordsResponse['items'][number];
export type ConsentPurpose = ListConsentPurposesResponse['items'][number];
export type OwnConsent = ListOwnConsentsResponse['items'][number];
export type RetentionCategory = ListRetentionResponse['items'][number];
export type RequestType = DataRequest['type'];
export type RequestStatus = DataRequest['status'];

export const TYPES: Record<RequestType, { label: string; help: string }> = {
  access: {
    label: 'Access',
    help: 'A copy of everything that is kept about you, and what it is used for.',
  },
  portability: {
    label: 'Portability',
    help: 'What you gave, in a form that another program can read.',
  },
  rectification: {
    label: 'Rectification',
    help: 'Wrong data are put right.',
  },
  erasure: {
    label: 'Erasure',
    help: 'Your account and what identifies you are erased everywhere. This cannot be undone.',
  },
  restriction: {
    label: 'Restriction',
    help: 'Your data are kept and not worked with until that is lifted.',
  },
  objection: {
    label: 'Objection',
    help: 'You object to one use of your data, or end a consent.',
  },
};

export const STATUSES: Record<RequestStatus, { label: string; tone: Tone }> = {
  received: { label: 'Received', tone: 'warn' },
  verified: { label: 'Identity verified', tone: 'busy' },
  in_progress: { label: 'Under way', tone: 'busy' },
  completed: { label: 'Done', tone: 'ok' },
  refused: { label: 'Refused', tone: 'bad' },
  withdrawn: { label: 'Withdrawn', tone: 'idle' },
};

export const BASES: Record<ProcessingRecord['legal_basis'], string> = {
  consent: 'Consent',
  contract: 'Contract',
  legal_obligation: 'Legal obligation',
  vital_interests: 'Vital interests',
  public_task: 'Public task',
  legitimate_interests: 'Legitimate interests',
};

export const HISTORY: Record<DataRequest['history'][number]['action'], string> = {
  received: 'Received',
  verified: 'Identity verified',
  started: 'Begun',
  extended: 'Time extended',
  completed: 'Done',
  failed: 'Broke off',
  refused: 'Refused',
  withdrawn: 'Withdrawn',
  fetched: 'Fetched',
  lifted: 'Restriction lifted',
};

export const isOpen = ({ status }: DataRequest): boolean =>
  status === 'received' || status === 'verified' || status === 'in_progress';
