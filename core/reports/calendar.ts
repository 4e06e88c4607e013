import { createHash } from 'node:crypto';
import ical, { ICalAlarmType } from 'ical-generator';
import type { Locale } from '../contract/messages/locale.ts';
import type { Due } from '../contract/reports.ts';
import { tell, tellDue } from '../contract/tell.ts';
import { NOTICE } from './due.ts';

/**
 * The due dates as a calendar file (RFC 5545) to be carried out of the room: whole days, each with an alarm when its notice begins.
 * An event keeps its UID from file to file, whatever their languages, so that a calendar replaces it.
 */
export function calendarOf(reader: { language: Locale }, organisation: string, due: Due[], now: Date): string {
  const name = tell(reader, 'calendar.name', { organisation });
  const calendar = ical({ name, prodId: { company: 'claviger', product: 'due' } });
  for (const told of due) {
    const { kind, at } = told;
    const what = tellDue(reader, told);
    const uid = createHash('sha256')
      .update(JSON.stringify([organisation, kind, tellDue({ language: 'en' }, told)]))
      .digest('hex')
      .slice(0, 32);
    const event = calendar.createEvent({
      id: uid,
      start: at.slice(0, 10),
      timezone: 'UTC',
      allDay: true,
      summary: what,
      stamp: now,
    });
    event.createAlarm({ type: ICalAlarmType.display, trigger: NOTICE[kind] * 86_400, description: what });
  }
  return calendar.toString();
}
