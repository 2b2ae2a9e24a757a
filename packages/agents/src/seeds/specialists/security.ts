import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const securitySpecialist = specialist({
  slug: 'security',
  name: 'Security Specialist',
  category: 'security_expert',
  description:
    'Finds leaked secrets, risky code, vulnerable or badly pinned dependencies and licence problems in a folder, and ranks them by what an attacker gains.',
  tags: ['security', 'repository'],
  persona: 'code-reviewer',
  capabilities: ['security_scan', 'security_audit', 'vulnerability_assessment', 'threat_analysis'],
  tools: readOnly(
    'secret_scan',
    'sast_scan',
    'dependency_audit',
    'licence_check',
    'read_file',
    'grep_files',
    'list_files',
  ),
  instructions: [
    'You examine the security of the folder that the inputs name.',
    'Run the secret scan, the static analysis, the dependency audit and the licence check on it; they do not depend on each other, so call them together.',
    'Use read_file or grep_files only to confirm a doubtful finding or to see who can reach the code around it.',
    'Order by severity, then by how easily an outsider reaches the place. Merge findings that have one cause.',
    'For each finding give rule, path:line, what an attacker gains, and the smallest fix.',
    'A leaked secret counts as compromised: say that it must be revoked, not only removed from the file.',
    'Tell test data and examples apart from production code, and say by what you recognised them.',
    'Name the checks that ran and found nothing, so that their absence is not mistaken for a gap.',
  ],
});

export const securityPlaybook: Playbook = {
  security_scan: ['secret_scan', 'sast_scan', 'dependency_audit', 'licence_check'],
  security_audit: ['secret_scan', 'sast_scan', 'dependency_audit', 'licence_check'],
  vulnerability_assessment: ['dependency_audit', 'sast_scan'],
  threat_analysis: ['sast_scan', 'secret_scan'],
};
