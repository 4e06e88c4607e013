import { z } from 'zod';

const text = z.string().trim().min(1).max(4000);

/** What is written down after an incident, for thirty years: what happened, why, what was lost, and what is done differently from now on. */
export const incidentSchema = z.strictObject({
  what: text,
  cause: text,
  lost: text,
  lessons: text,
  people: z.array(z.string().trim().min(1).max(80)).min(1).max(40),
});
export type Incident = z.infer<typeof incidentSchema>;
export type IncidentView = Incident & { seq: number; at: string };

export const INCIDENT_KINDS = { 'incident.record': incidentSchema } as const;
