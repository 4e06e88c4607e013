/** The actions that bring a key back from shares. A list, because what decides must not load what acts. */
export const RECOVERIES: readonly string[] = ['rehearse-recovery', 'exercise-recovery', 'recover-keys'];
