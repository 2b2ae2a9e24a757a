/** What the settings of other issuers mean together. */
interface IssuerValues {
  OIDC_ISSUER?: string | undefined;
  OIDC_CLIENT_ID?: string | undefined;
  OIDC_CLIENT_SECRET?: string | undefined;
  OIDC_NAME?: string | undefined;
  OIDC_AUDIENCE: string[];
  CLERK_ISSUER?: string | undefined;
  CLERK_JWKS_URL?: string | undefined;
  CLERK_AUDIENCE: string[];
}

export interface IssuerSettings {
  oidc:
    | {
        issuer: string;
        name: string;
        /** Undefined: only bearer tokens, no sign-in. */
        clientId: string | undefined;
        clientSecret: string | undefined;
        audiences: readonly string[];
      }
    | undefined;
  clerk: { issuer: string; jwksUrl: string; audiences: readonly string[] } | undefined;
}

export function issuersOf(values: IssuerValues): IssuerSettings {
  const { OIDC_ISSUER: issuer, CLERK_ISSUER: clerk, CLERK_JWKS_URL: jwksUrl } = values;
  const clientId = values.OIDC_CLIENT_ID;
  const audiences =
    values.OIDC_AUDIENCE.length > 0 || clientId === undefined ? values.OIDC_AUDIENCE : [clientId];
  return {
    oidc:
      issuer === undefined
        ? undefined
        : {
            issuer,
            name: values.OIDC_NAME ?? new URL(issuer).hostname,
            clientId,
            clientSecret: values.OIDC_CLIENT_SECRET,
            audiences,
          },
    clerk:
      clerk === undefined || jwksUrl === undefined
        ? undefined
        : { issuer: clerk, jwksUrl, audiences: values.CLERK_AUDIENCE },
  };
}

/** Sentences about settings that belong together and are not: the start refuses them. By what was given, whether or not it can be read. */
export function issuerProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_AUDIENCE: audiences } = given;
  const { CLERK_ISSUER: clerk, CLERK_JWKS_URL: jwksUrl } = given;
  if (issuer === undefined && clientId !== undefined)
    problems.push(
      'OIDC_CLIENT_ID is set and OIDC_ISSUER is not: set the issuer of the provider too.',
    );
  if (issuer !== undefined && clientId === undefined && audiences === undefined)
    problems.push(
      'OIDC_ISSUER is set without OIDC_CLIENT_ID (for sign-in) and without OIDC_AUDIENCE (for bearer tokens alone): set one of them.',
    );
  if ((clerk === undefined) !== (jwksUrl === undefined))
    problems.push('CLERK_ISSUER and CLERK_JWKS_URL belong together: set both or none.');
  if (issuer !== undefined && issuer === clerk)
    problems.push('OIDC_ISSUER and CLERK_ISSUER are the same issuer: set it once.');
  return problems;
}

/** Sentences about settings that are on and have no effect. */
export function issuerNotes(values: IssuerValues): string[] {
  const notes: string[] = [];
  const { OIDC_CLIENT_ID: clientId, OIDC_ISSUER: issuer } = values;
  if (values.OIDC_CLIENT_SECRET !== undefined && clientId === undefined)
    notes.push('OIDC_CLIENT_SECRET has no effect without OIDC_CLIENT_ID.');
  if (values.OIDC_NAME !== undefined && clientId === undefined)
    notes.push('OIDC_NAME has no effect without OIDC_CLIENT_ID.');
  if (values.OIDC_AUDIENCE.length > 0 && issuer === undefined)
    notes.push('OIDC_AUDIENCE has no effect without OIDC_ISSUER.');
  if (values.CLERK_AUDIENCE.length > 0 && values.CLERK_ISSUER === undefined)
    notes.push('CLERK_AUDIENCE has no effect without CLERK_ISSUER.');
  return notes;
}
