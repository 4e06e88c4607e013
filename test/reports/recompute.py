"""What the reports of keys and secrets say, computed anew from an export of the signed ledger: nothing of Claviger's own code is used."""
import json, sys
import ceremonies, rehearsals
from collections import OrderedDict
from datetime import datetime, timedelta, timezone

lines = open(sys.argv[1], encoding='utf-8').read().splitlines()
rows = [json.loads(line[45:]) for line in lines[1:]]
now = datetime.now(timezone.utc)
name = lambda body: '/'.join((body['owner'], body['environment'], body['name']))
time = lambda text: datetime.fromisoformat(text.replace('Z', '+00:00'))

live, keys = OrderedDict(), OrderedDict()
for row in rows:
    body = row['body']
    if row['kind'] == 'vault.stored':
        before = live.get(body['secret'])
        late = before is not None and before['due'] is not None and row['at'] > before['due']
        live[body['secret']] = dict(
            owner=body['owner'], environment=body['environment'], name=body['name'], category=body['category'],
            version=body['version'], algorithm=body['algorithm'], key=body['key'], storedAt=row['at'],
            due=body['rotationDue'], rotations=before['rotations'] + 1 if before else 0,
            late=(before['late'] if before else 0) + late, seq=row['seq'])
    elif row['kind'] == 'vault.plan':
        live[body['secret']]['due'] = body['rotationDue']
    elif row['kind'] == 'vault.deleted':
        live.pop(body['secret'], None)
    elif row['kind'] == 'vault.key':
        keys[body['key']] = dict(key=body['key'], provider=body['provider'], state=body['state'], at=row['at'])
for line in live.values():
    due = line['due']
    line['standing'] = ('never' if due is None else 'overdue' if time(due) <= now
                        else 'soon' if time(due) <= now + timedelta(days=30) else 'later')
rotation = sorted(live.values(), key=lambda line: (line['due'] or '9', line['seq']))

uses, months = OrderedDict(), OrderedDict()
for row in rows:
    if row['kind'] != 'vault.access':
        continue
    body = row['body']
    use = uses.setdefault((name(body), body['principal']), dict(
        owner=body['owner'], environment=body['environment'], name=body['name'], principal=body['principal'],
        allowed=0, refused=0, first=row['at'], last=row['at']))
    month = months.setdefault(row['at'][:7], dict(month=row['at'][:7], allowed=0, refused=0))
    for counted in (use, month):
        counted['allowed' if body['allowed'] else 'refused'] += 1
    use['last'] = row['at']
access = sorted(uses.values(), key=lambda use: (-(use['allowed'] + use['refused']), name(use)))

violations = [dict(seq=line['seq'], at=line['due'], what='rotation', principal='', address='', secret=name(line),
                   action='', reason=line['category']) for line in rotation if line['standing'] == 'overdue']
for row in rows:
    kind, body = row['kind'], row['body']
    told = None
    if kind == 'vault.access' and not body['allowed']:
        told = ('access', name(body), body['action'], body['reason'])
    elif kind == 'vault.refused':
        told = ('administration', name(body['scope']), body['action'], 'not-admin')
    elif kind == 'vault.login' and body['result'] in ('refused', 'locked'):
        told = ('login', '', body['way'], body['result'])
    elif kind == 'vault.failed':
        told = ('damage', name(body), '', body['code'])
    elif kind == 'vault.emergency' and body['event'] == 'refused':
        told = ('administration', '', 'break-glass', body['because'])
    elif kind == 'vault.alert':
        told = ('alert', name(body), '', body['alert'])
    if told:
        what, secret, action, reason = told
        violations.append(dict(seq=row['seq'], at=row['at'], what=what, principal=body['principal'],
                               address=body['address'], secret=secret, action=action, reason=reason))

emergencies = OrderedDict()
for row in rows:
    body = row['body']
    if row['kind'] == 'vault.emergency':
        event = body['event']
        if event == 'opened':
            emergencies[body['emergency']] = dict(
                emergency=body['emergency'], principal=body['principal'], reason=body['reason'],
                rights=' '.join(body['rights']), scope=name(body['scope']), openedAt=row['at'],
                expiresAt=body['expiresAt'], ended='open', endedAt=None, operations=0,
                reviewedBy=None, reviewedAt=None, finding=None)
        elif event == 'expired':
            emergencies[body['emergency']].update(ended='expired', endedAt=body['expiresAt'])
        elif event == 'revoked':
            emergencies[body['emergency']].update(ended='revoked', endedAt=row['at'])
        elif event == 'reviewed':
            emergencies[body['emergency']].update(
                reviewedBy=body['principal'], reviewedAt=row['at'], finding=body['finding'])
    elif row['kind'] != 'vault.notified' and body.get('emergency') in emergencies:
        emergencies[body['emergency']]['operations'] += 1

for line in rotation:
    del line['seq']
inventory = ceremonies.inventory(rows)
print(json.dumps(dict(inventory=inventory, losses=ceremonies.losses(inventory, rotation), rotation=rotation, access=access, months=list(months.values()),
                      emergencies=list(emergencies.values()), violations=violations,
                      keys=list(keys.values()), rehearsals=rehearsals.rehearsals(rows), due=rehearsals.due(rows))))
