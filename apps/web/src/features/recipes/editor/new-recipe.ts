/** What a new recipe starts with: the smallest one that does something, without a model. */
export const NEW_RECIPE = `slug: my-recipe
name: My recipe
description: ''

inputs:
  type: object
  properties:
    path:
      type: string
      format: folder
      title: Folder
      description: The folder to work on.
  required: [path]

steps:
  - step_id: scan
    name: Look for secrets
    type: tool
    tool: secret_scan
    input:
      path: '{{inputs.path}}'

  - step_id: report
    name: Report
    type: document
    title: Secrets in {{inputs.path}}
    template: |
      # What was found

      {{steps.scan.findings_total}} findings.

      {{run.findings | findings_table}}

outputs:
  report: '{{steps.report.artifact_id}}'
`;
