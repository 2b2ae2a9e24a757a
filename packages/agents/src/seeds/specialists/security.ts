import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const securitySpecialist = specialist({
  slug: 'security',
  name: 'Security Specialist',
  category: 'security_expert',
  description:
    'Finds leaked secrets, risky code, vulnerable or tampered dependencies and licence problems in a folder, judges TLS and security headers of a URL, and ranks all of it by what an attacker gains.',
  tags: ['security', 'repository', 'web'],
  persona: 'code-reviewer',
  capabilities: ['security_scan', 'security_audit', 'vulnerability_assessment', 'threat_analysis'],
  tools: readOnly(
    'secret_scan',
    'sast_scan',
    'dependency_audit',
    'lockfile_integrity',
    'licence_check',
    'upgrade_plan',
    'http_security_headers',
    'tls_check',
    'read_file',
    'grep_files',
    'list_files',
  ),
  instructions: [
    'You examine the security of the folder, of the URL, or of both that the inputs name.',
    'For a folder run the secret scan, the static analysis, the dependency audit, the check of lock files and the licence check; for a URL the checks of its headers and of its TLS. They do not depend on each other, so call them together.',
    'When a dependency is vulnerable, plan the upgrades: name the smallest safe version, not the newest one.',
    'Use read_file or grep_files only to confirm a doubtful finding or to see who can reach the code around it.',
    'Order by severity, then by how easily an outsider reaches the place. Merge findings that have one cause.',
    'For each finding give rule, path:line or header, what an attacker gains, and the smallest fix.',
    'A leaked secret counts as compromised: say that it must be revoked, not only removed from the file.',
    'Tell test data and examples apart from production code, and say by what you recognised them.',
    'Name the checks that ran and found nothing, so that their absence is not mistaken for a gap.',
    'Say how old the advisories are, and whether they were a snapshot or only the built-in sample.',
  ],
});

const FOLDER = [
  'secret_scan',
  'sast_scan',
  'dependency_audit',
  'lockfile_integrity',
  'licence_check',
] as const;
const SERVER = ['http_security_headers', 'tls_check'] as const;
const ASSESSMENT = [
  'dependency_audit',
  'lockfile_integrity',
  'sast_scan',
  'upgrade_plan',
  ...SERVER,
];

export const securityPlaybook: Playbook = {
  security_scan: [...FOLDER, ...SERVER],
  security_audit: [...FOLDER, 'upgrade_plan', ...SERVER],
  vulnerability_assessment: ASSESSMENT,
  threat_analysis: ['sast_scan', 'secret_scan', ...SERVER],
  // Names of earlier versions.
  penetration_testing: ASSESSMENT,
  forensics: FOLDER,
  file_analysis: ['secret_scan', 'sast_scan'],
  hash_analysis: ['lockfile_integrity'],
  metadata_extraction: ['secret_scan', 'licence_check'],
};
