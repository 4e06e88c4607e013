/** Whether this is a developer's machine, by its own word: CLAVIGER_ENVIRONMENT=development. Anything else is not. */
export function isDevelopment(environment: { CLAVIGER_ENVIRONMENT?: string | undefined } = process.env): boolean {
  return environment.CLAVIGER_ENVIRONMENT === 'development';
}
