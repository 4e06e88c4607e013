"""Rehearsals, and what is due when, from the rows of a ledger and OpenSSL alone."""
import hashlib, os, re, tempfile
from ceremonies import ceremonies, issued_in, keys_of, openssl, results, told_by_openssl, write_certificate
from datetime import datetime, timedelta, timezone

# Days before a date from which on it is soon.
NOTICE = {'attestation': 30, 'recovery': 30, 'revocation list': 14, 'certificate': 180, 'rotation': 90}
REHEARSAL_YEARS, ROTATION_YEARS = 1, 2

time = lambda text: datetime.fromisoformat(text.replace('Z', '+00:00'))
iso = lambda at: at.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (at.microsecond // 1000)


def made_here(ceremony):
    """The share set that a ceremony made, or brought into its store with the keys; None if there is none."""
    if reshared := results(ceremony, 're-share'):
        return reshared[-1]['result']['masterKey']
    if made := results(ceremony, 'make-master-key'):
        return made[-1]['result']
    if results(ceremony, 'recover-keys'):
        return results(ceremony, 'bring-share-set')[0]['result']['shares']['masterKey']


def share_set(ceremony):
    """That set, or the one of an earlier ceremony that this one worked on."""
    found = results(ceremony, 'find-shares')[-1:] or [dict(result=done['result']['shares'])
                                                      for done in results(ceremony, 'bring-share-set')]
    return made_here(ceremony) or found[0]['result']['masterKey']


def rehearsals(rows):
    found = []
    for one in ceremonies(rows):
        def told(kind, at, shares, keys, people, absent=()):
            script = one['script']
            return dict(kind=kind, mode=one['mode'], ceremony=one['id'], title=re.search('^title: (.*)$', script, re.M)[1],
                        scriptSha256=hashlib.sha256(script.encode()).hexdigest(), at=at,
                        setId=share_set(one)['manifest']['setId'], people=people, shares=sorted(shares),
                        absent=sorted(absent, key=lambda each: each['share']), keys=keys,
                        outcome=one['outcome'])
        for done in results(one, 'rehearse-recovery'):
            keys = [dict(label=proof['label'], shown='opened' if proof['signature'] is None else 'signed')
                    for proof in done['result']['proofs']]
            numbers = [share_set(one)['xByCustodian'].index(x) + 1 for x in done['result']['sharesUsed']]
            found.append(told('recovery', done['at'], numbers, keys, one['people']))
        records = [done['result']['record'] for done in results(one, 'attest-share')]
        if attested := [record for record in records if record['outcome']['is'] == 'attested']:
            keys = [dict(label=backup['label'], shown='backup') for done in results(one, 'check-backups')
                    for backup in done['result']['backups']]
            custodians = [dict(role='custodian', name=record['custodian']) for record in attested]
            numbers = [record['share'] for record in attested]
            absent = [dict(share=record['share'], custodian=record['custodian'], reason=record['outcome']['reason'])
                      for record in records if record['outcome']['is'] == 'absent']
            found.append(told('attestation', attested[-1]['at'], numbers, keys, one['people'] + custodians, absent))
    return sorted(found, key=lambda rehearsal: rehearsal['at'])


def years_after(text, years):
    at = time(text)
    try:
        return iso(at.replace(year=at.year + years))
    except ValueError:
        return iso(at.replace(year=at.year + years, month=3, day=1))


def due_at(kind, label, at, since, number=None):
    now, soon = datetime.now(timezone.utc), time(at) - timedelta(days=NOTICE[kind])
    standing = 'overdue' if time(at) <= now else 'soon' if soon <= now else 'later'
    return dict(kind=kind, label=label, number=number, at=at, standing=standing, since=since)


def standing_sets(finished):
    """Ceremonies whose share set is the newest of a master key that was not retired, the newest first."""
    retired = [done['result']['masterKeyId'] for one in finished for done in results(one, 'retire-master-key')]
    made = [(one, made_here(one)['manifest']) for one in finished if made_here(one)]
    newest = lambda manifest: all(other['epoch'] <= manifest['epoch'] for _, other in made
                                  if other['masterKeyId'] == manifest['masterKeyId'])
    return [one for one, manifest in made if manifest['masterKeyId'] not in retired and newest(manifest)][::-1]


def last_at(ceremony, *actions):
    return next((results(ceremony, action)[-1]['at'] for action in actions if results(ceremony, action)), ceremony['at'])


def rehearsals_due(one, finished, done):
    made = made_here(one)
    set_id, made_at = made['manifest']['setId'], last_at(one, 'scan-sheets', 'make-master-key')
    proven = []
    for share in range(1, len(made['xByCustodian']) + 1):
        again = [last_at(other, 'scan-sheets') for other in finished for replaced in results(other, 'replace-share')[-1:]
                 if (replaced['result']['setId'], replaced['result']['share']) == (set_id, share)]
        sheet_at = (again or [made_at])[-1]
        shown = [each['at'] for each in done if each['setId'] == set_id and share in each['shares'] and each['at'] >= sheet_at]
        proven.append((shown or [sheet_at])[-1])
    attested = min(proven)
    recovered = [each['at'] for each in done if each['setId'] == set_id and each['kind'] == 'recovery'][-1:]
    return [due_at('attestation', made['label'], years_after(attested, REHEARSAL_YEARS), attested),
            due_at('recovery', made['label'], years_after(recovered[0], REHEARSAL_YEARS) if recovered else made_at,
                   (recovered or [made_at])[0])]


def rotations_due(sets, keys):
    found = []
    for one in sets:
        made = made_here(one)
        born = [key['madeAt'] for key in keys if key['id'] == made['manifest']['masterKeyId']]
        found.append((made['label'], (born or [last_at(one, 'scan-sheets', 'make-master-key')])[0]))
    found += [(key['label'], key['madeAt']) for key in keys if key['purpose'] == 'vault-kek' and key['destroyedAt'] is None]
    return [due_at('rotation', label, years_after(at, ROTATION_YEARS), at) for label, at in found]


def lists_due(finished):
    newest = {}
    for one in finished:
        brought = [told['list'] for done in results(one, 'bring-numbers') for told in done['result']['lists'] if told['list']]
        for issued in brought + [done['result'] for done in results(one, 'issue-crl')]:
            newest[issued['issuerKeySha256']] = issued
    return [due_at('revocation list', each['label'], each['nextUpdate'], each['thisUpdate'], each['number'] + 1)
            for each in newest.values()]


def certificates_due(finished):
    newest = {}
    with tempfile.TemporaryDirectory() as folder:
        for issued in (issued for one in finished for issued in issued_in(one)):
            path = os.path.join(folder, 'one.pem')
            write_certificate(path, issued['der'])
            newest[issued['subject'], openssl('x509', '-in', path, '-noout', '-pubkey')] = told_by_openssl(path)
    return [due_at('certificate', told['name'], told['notAfter'], told['notBefore']) for told in newest.values()]


def due(rows):
    made = ceremonies(rows)
    finished, done = [one for one in made if one['outcome'] == 'completed'], rehearsals(rows)
    sets, keys = standing_sets(finished), keys_of([one for one in made if one['outcome'] != 'aborted'])
    found = [each for one in sets for each in rehearsals_due(one, finished, done)]
    found += rotations_due(sets, keys) + lists_due(finished) + certificates_due(finished)
    return sorted(found, key=lambda each: each['at'])
