"""Ceremonies, and the keys and certificates that they made, from the rows of a ledger and OpenSSL alone."""
import base64, os, re, subprocess, tempfile
from collections import OrderedDict
from datetime import datetime, timezone


def openssl(*words):
    done = subprocess.run(('openssl', *words), capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def ceremonies(rows):
    """Finished steps by ceremony, each with its action, which its intent names; those that were aborted too."""
    found = OrderedDict()
    for row in rows:
        kind, body, name = row['kind'], row['body'], row['ceremony']
        if kind == 'ceremony.begun':
            found[name] = dict(id=name, mode=body['mode'], token=body['token'], at=row['at'], script=body['script'],
                               actions={}, done=[], people=[], outcome='under way')
        elif name not in found:
            continue
        elif kind == 'step.intent':
            found[name]['actions'][body['step']] = body['action']
        elif kind == 'step.result':
            action = found[name]['actions'][body['step']]
            found[name]['done'].append(dict(action=action, at=row['at'], result=body['result']))
        elif kind == 'step.answered' and 'participants' in body['answer']:
            found[name]['people'] = body['answer']['participants']
        elif kind in ('ceremony.aborted', 'ceremony.completed'):
            found[name]['outcome'] = kind.split('.')[1]
    return list(found.values())


def results(ceremony, *actions):
    return [done for done in ceremony['done'] if done['action'] in actions]


def keys_of(all_of_them):
    keys = []
    for made in all_of_them:
        later = [one for one in all_of_them if one['at'] >= made['at']]
        masters = results(made, 'make-master-key')[-1:]
        found = [dict(label=done['result']['label'], id=done['result']['manifest']['masterKeyId'],
                      algorithm='AES-256', purpose='master-key') for done in masters]
        for done in results(made, 'recover-keys'):
            found += done['result']['keys']
        found += [done['result'] for done in results(made, 'generate-key')]
        for key in found:
            label = key['label']
            born = [done['at'] for done in results(made, 'make-master-key', 'generate-key') if done['result']['label'] == label]
            backups = [dict(mechanism=backup['mechanism'], at=results(one, 'backup-keys')[-1]['at'], sha256=backup['sha256'])
                       for one in later for done in results(one, 'backup-keys')
                       for backup in done['result']['backups'] if backup['label'] == label]
            ends = [done['at'] for one in later for done in results(one, 'destroy-keys')
                    if label in [gone['label'] for gone in done['result']['destroyed']]]
            keys.append(dict(label=label, id=key['id'], algorithm=key['algorithm'], purpose=key['purpose'], mode=made['mode'],
                             ceremony=made['id'], madeAt=(born + [made['at']])[0], token=made['token'], backups=backups,
                             destroyedAt=(ends + [None])[0]))
    return keys


def algorithm_of(path):
    text = openssl('x509', '-in', path, '-noout', '-text')
    curve, bits = re.search('NIST CURVE: (P)-([0-9]+)', text), re.search(r'Public-Key: \(([0-9]+) bit\)', text)
    return 'EC-' + curve[1] + curve[2] if curve else 'RSA-' + bits[1]


def told_by_openssl(path):
    text = openssl('x509', '-in', path, '-noout', '-serial', '-subject', '-nameopt', 'multiline,utf8,-esc_msb',
                   '-dates', '-dateopt', 'iso_8601', '-fingerprint', '-sha256')
    ca = openssl('x509', '-in', path, '-noout', '-ext', 'basicConstraints') or ''
    one = lambda pattern: re.search(pattern, text)[1]
    time = lambda text: text.strip().replace(' ', 'T').replace('Z', '.000Z')
    return dict(algorithm=algorithm_of(path), sha256=one('Fingerprint=(.*)').replace(':', '').lower(), name=one('commonName += (.*)'),
                serial=one('serial=(.*)').lower().lstrip('0'), notBefore=time(one('notBefore=(.*)')),
                notAfter=time(one('notAfter=(.*)')), ca='CA:TRUE' in ca)


def issued_in(made):
    brought = [one for done in results(made, 'bring-share-set') for one in done['result']['certificates']]
    return brought + [done['result'] for kind in ('issue-certificate', 'sign-request') for done in results(made, kind)]


def write_certificate(path, der):
    with open(path, 'w') as file:
        text = base64.encodebytes(base64.b64decode(der)).decode()
        file.write('-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n' % text)


def certificates_of(all_of_them):
    issued = [(made['id'], one) for made in all_of_them for one in issued_in(made)]
    revoked = [row for made in all_of_them for done in results(made, 'issue-crl') for row in done['result']['revoked']]
    with tempfile.TemporaryDirectory() as folder:
        told = []
        for number, (ceremony, one) in enumerate(issued):
            path = os.path.join(folder, '%d.pem' % number)
            write_certificate(path, one['der'])
            told.append(dict(path=path, subject=one['subject'], file=one['file'], ceremony=ceremony, **told_by_openssl(path)))
        # The first that signed it; one that it signed itself has nobody above it.
        signed = lambda below, above: openssl('verify', '-partial_chain', '-no_check_time', '-trusted', above['path'], below['path'])
        self_signed = lambda one: openssl('x509', '-in', one['path'], '-noout', '-issuer') == openssl(
            'x509', '-in', one['path'], '-noout', '-subject').replace('subject', 'issuer')
        for one in told:
            above = None if self_signed(one) else next((other for other in told if other is not one and signed(one, other)), None)
            one['above'] = above
    for number, one in enumerate(told):
        on_list = next((row for row in revoked if row['serial'] == one['serial']), None)
        one['revoked'] = on_list and dict(at=on_list['at'], reason=on_list['reason'])
        one['replaced'] = any(later['subject'] == one['subject'] for later in told[number + 1:])
        one['issuedBy'] = one['above'] and one['above']['sha256']
        one['depth'], above = 0, one['above']
        while above:
            one['depth'], above = one['depth'] + 1, above['above']
    below = lambda sha256: [each for one in told if one['issuedBy'] == sha256 for each in [one, *below(one['sha256'])]]
    chains = below(None)
    return [{field: value for field, value in one.items() if field not in ('path', 'above')} for one in chains]


def inventory(rows):
    made = [one for one in ceremonies(rows) if one['outcome'] != 'aborted']
    return dict(keys=keys_of(made), certificates=certificates_of(made))


def losses(told, secrets):
    """What is gone with the keys: those that stand, the certificates that are valid now, and every secret with its remedy."""
    now = datetime.now(timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.000Z')
    remedies = {'root-ca-key': 'reissue', 'intermediate-ca-key': 'reissue', 'node-certificate-key': 'reissue', 'user-password': 'reset'}
    fields = ('name', 'sha256', 'serial', 'notAfter', 'depth', 'ca')
    return dict(
        keys=[dict(label=key['label'], purpose=key['purpose'], algorithm=key['algorithm'], backups=len(key['backups']))
              for key in told['keys'] if key['destroyedAt'] is None],
        reissue=[{field: one[field] for field in fields} for one in told['certificates']
                 if one['notAfter'] > now and not one['revoked']],
        secrets=[{**{field: one[field] for field in ('owner', 'environment', 'name', 'category', 'version', 'key')},
                  'remedy': remedies.get(one['category'], 'replace')} for one in secrets])
